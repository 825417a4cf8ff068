EXTRA_DIST += \
	demo/dbt_project.yml \
	demo/profiles.yml \
	demo/run \
	demo/macros/money.sql \
	demo/models/schema.yml \
	demo/models/marts/customers_enriched.sql \
	demo/models/marts/order_totals.sql \
	demo/models/marts/orders_paid.sql \
	demo/models/marts/orders_per_minute.sql \
	demo/models/marts/revenue.sql \
	demo/models/sources/customers.sql \
	demo/models/sources/orders.sql \
	demo/models/staging/orders_clean.sql \
	demo/seeds/countries.csv
