{{ config(
    connector='faker',
    with={
        'rows-per-second': '5',
        'fields.order_id.expression': "#{number.numberBetween '1','1000000'}",
        'fields.customer_id.expression': "#{number.numberBetween '1','200'}",
        'fields.amount_cents.expression': "#{number.numberBetween '100','50000'}",
        'fields.status.expression': "#{Options.option 'placed','paid','cancelled'}",
        'fields.ordered_at.expression': "#{date.past '15','SECONDS'}"
    }
) }}
order_id INT NOT NULL,
customer_id INT NOT NULL,
amount_cents INT,
status STRING,
ordered_at TIMESTAMP(3),
WATERMARK FOR ordered_at AS ordered_at - INTERVAL '5' SECOND
