select o.id, c.name from {{ ref('stg_orders') }} o join {{ ref('stg_customers') }} c on o.customer_id = c.id
