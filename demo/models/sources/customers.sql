{{ config(
    connector='faker',
    with={
        'rows-per-second': '1',
        'number-of-rows': '200',
        'fields.customer_id.expression': "#{number.numberBetween '1','200'}",
        'fields.name.expression': "#{Name.fullName}",
        'fields.country.expression': "#{Options.option 'DE','AT','CH','FR'}"
    }
) }}
customer_id INT NOT NULL,
name STRING,
country STRING
