{{ config(materialized='view', tags=['report']) }}
select
    customer_id,
    count(*) as orders,
    sum(amount) as total
from {{ ref('orders_paid') }}
group by customer_id
