{{ config(
    with={'changelog.mode': 'upsert', 'kafka.retention.time': var('retention')},
    distributed_by={'columns': ['customer_id'], 'buckets': 4}
) }}
select
    customer_id,
    cast(sum(amount) as decimal(12, 2)) as total,
    count(*) as orders
from {{ ref('orders_paid') }}
group by customer_id
