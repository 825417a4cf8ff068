{{ config(materialized='streaming_table', with={'changelog.mode': 'append'}) }}
select id, customer_id, amount from {{ source('raw', 'orders') }}
