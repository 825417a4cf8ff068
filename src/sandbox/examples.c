#include "config.h"

#include "sandbox/catalog.h"

#include <string.h>

#include "sandbox/submit.h"

/* The read-only catalog `examples`, as faker tables. */
static const char *const tables[] = {
    "CREATE TABLE `clicks` (`click_id` VARCHAR(2147483647) NOT NULL, `user_id` INT NOT "
    "NULL, `url` VARCHAR(2147483647) NOT NULL, `user_agent` VARCHAR(2147483647) NOT "
    "NULL, `view_time` INT NOT NULL) WITH ('connector' = 'faker', 'rows-per-second' = "
    "'50', 'fields.click_id.expression' = '#{Internet.uuid}', "
    "'fields.user_id.expression' = '#{Number.numberBetween ''3000'',''5000''}', "
    "'fields.url.expression' = "
    "'#{regexify ''https://www[.]acme[.]com/product/[a-z]{5}''}', "
    "'fields.user_agent.expression' = '#{Internet.userAgentAny}', "
    "'fields.view_time.expression' = '#{Number.numberBetween ''10'',''120''}')",
    "CREATE TABLE `customers` (`customer_id` INT NOT NULL, `name` VARCHAR(2147483647) "
    "NOT NULL, `address` VARCHAR(2147483647) NOT NULL, `postcode` VARCHAR(2147483647) "
    "NOT NULL, `city` VARCHAR(2147483647) NOT NULL, `email` VARCHAR(2147483647) NOT "
    "NULL, PRIMARY KEY (`customer_id`) NOT ENFORCED) WITH ('connector' = 'faker', "
    "'rows-per-second' = '50', 'fields.customer_id.expression' = "
    "'#{Number.numberBetween ''3000'',''3250''}', 'fields.name.expression' = "
    "'#{Name.fullName}', 'fields.address.expression' = '#{Address.streetAddress}', "
    "'fields.postcode.expression' = '#{Address.postcode}', 'fields.city.expression' = "
    "'#{Address.city}', 'fields.email.expression' = '#{Internet.emailAddress}')",
    "CREATE TABLE `orders` (`order_id` VARCHAR(2147483647) NOT NULL, `customer_id` INT "
    "NOT NULL, `product_id` VARCHAR(2147483647) NOT NULL, `price` DOUBLE NOT NULL) "
    "WITH "
    "('connector' = 'faker', 'rows-per-second' = '50', 'fields.order_id.expression' = "
    "'#{Internet.uuid}', 'fields.customer_id.expression' = "
    "'#{Number.numberBetween ''3000'',''3250''}', 'fields.product_id.expression' = "
    "'#{Number.numberBetween ''1000'',''1500''}', 'fields.price.expression' = "
    "'#{Number.randomDouble ''2'',''10'',''100''}')",
    "CREATE TABLE `products` (`product_id` VARCHAR(2147483647) NOT NULL, `name` "
    "VARCHAR(2147483647) NOT NULL, `brand` VARCHAR(2147483647) NOT NULL, `vendor` "
    "VARCHAR(2147483647) NOT NULL, `department` VARCHAR(2147483647) NOT NULL, PRIMARY "
    "KEY (`product_id`) NOT ENFORCED) WITH ('connector' = 'faker', 'rows-per-second' = "
    "'50', 'fields.product_id.expression' = "
    "'#{Number.numberBetween ''1000'',''1500''}', 'fields.name.expression' = "
    "'#{Commerce.productName}', 'fields.brand.expression' = '#{Commerce.brand}', "
    "'fields.vendor.expression' = '#{Company.name}', 'fields.department.expression' = "
    "'#{Commerce.department}')",
};

static int create(struct sandbox *sandbox, const char *sql, struct err *err)
{
    struct arena arena = {0};
    const char *detail = "";
    struct statement st = {
        .env = "examples", .name = "x", .sql = sql, .properties = "{}"};
    struct value properties = value_dict_new(&arena, 2);
    value_dict_put(properties, "sql.current-catalog", value_str("examples"));
    value_dict_put(properties, "sql.current-database", value_str("marketplace"));
    int rc = submit_statement(sandbox, &arena, &st, properties, &detail, err);
    if (rc > 0) {
        rc = err_set(err, ERR_INTERNAL, "examples: %s", detail);
    }
    arena_fini(&arena);
    return rc;
}

int examples_init(struct sandbox *sandbox, struct err *err)
{
    if (db_int(&sandbox->db, 0, "SELECT 1 FROM environment WHERE id = 'examples'",
               "")) {
        return 0;
    }
    if (sandbox_add_environment(sandbox, "examples", "examples", err) != 0 ||
        sandbox_add_database(sandbox, "examples", "marketplace", "marketplace", err)) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        if (create(sandbox, tables[i], err) != 0) {
            return -1;
        }
    }
    return db_run(&sandbox->db, err,
                  "UPDATE environment SET read_only = 1 WHERE id = 'examples'", "");
}
