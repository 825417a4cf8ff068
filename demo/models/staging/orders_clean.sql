{#- Orders that count, with the amount in the shop's currency. -#}
select
    order_id,
    customer_id,
    {{ cents_to_amount('amount_cents') }} as amount,
    '{{ var("currency") }}' as currency,
    ordered_at
from {{ ref('orders') }}
where {{ is_valid_order('status') }}
