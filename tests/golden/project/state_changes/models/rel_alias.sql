{{ config(alias='two') }} select 1
