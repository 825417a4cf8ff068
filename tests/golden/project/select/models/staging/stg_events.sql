{{ config(tags=['events', 'hourly'], enabled=true) }}
select * from {{ source('app', 'events') }}
