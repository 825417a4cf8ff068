{{ config(
    with={'changelog.mode': 'append', 'kafka.retention.time': var('retention')}
) }}
select order_id, customer_id, amount, currency, ordered_at
from {{ ref('orders_clean') }}
