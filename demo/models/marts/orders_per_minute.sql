{{ config(with={'changelog.mode': 'append', 'kafka.retention.time': var('retention')}) }}
select
    window_start,
    window_end,
    count(*) as orders,
    sum(amount_cents) as cents
from table(
    tumble(table {{ ref('orders') }}, descriptor(ordered_at),
           interval '{{ var("window_minutes") }}' minute)
)
group by window_start, window_end
