#include "config.h"

#include "shell/init.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "shell/shell.h"

struct template
{
    const char *path;
    const char *text; /* every @ is replaced by the project's name */
};

static const struct template templates[] = {
    {"dbt_project.yml", "name: @\n"
                        "version: \"1.0.0\"\n"
                        "config-version: 2\n"
                        "profile: @\n"
                        "\n"
                        "model-paths: [\"models\"]\n"
                        "seed-paths: [\"seeds\"]\n"
                        "macro-paths: [\"macros\"]\n"
                        "\n"
                        "models:\n"
                        "  @:\n"
                        "    +materialized: streaming_table\n"},
    {"profiles.yml",
     "# Where the project runs. `cflowsh --sandbox` needs none of this: it brings its "
     "own\n"
     "# server. For Confluent Cloud fill in the ids and put the key of the Flink "
     "region\n"
     "# into the environment:\n"
     "#   export FLINK_API_KEY=...  FLINK_API_SECRET=...\n"
     "@:\n"
     "  target: dev\n"
     "  outputs:\n"
     "    dev:\n"
     "      type: confluent\n"
     "      # Accounts & access > Organization settings: the organization's UUID\n"
     "      organization_id: 00000000-0000-4000-8000-000000000000\n"
     "      # the environment's id, not its name\n"
     "      environment_id: env-sandbox\n"
     "      # the Kafka cluster's display name\n"
     "      dbname: main\n"
     "      # leave it out for the environment's default pool\n"
     "      # compute_pool_id: lfcp-xxxxxx\n"
     "      cloud_provider: aws\n"
     "      cloud_region: eu-west-1\n"
     "      flink_api_key: \"{{ env_var('FLINK_API_KEY', '') }}\"\n"
     "      flink_api_secret: \"{{ env_var('FLINK_API_SECRET', '') }}\"\n"
     "      threads: 4\n"},
    {"models/orders.sql", "{{ config(\n"
                          "    materialized='streaming_source',\n"
                          "    connector='faker',\n"
                          "    with={\n"
                          "        'rows-per-second': '5',\n"
                          "        'fields.order_id.expression': "
                          "\"#{Number.numberBetween '1','1000000'}\",\n"
                          "        'fields.customer.expression': '#{Name.firstName}',\n"
                          "        'fields.amount.expression': "
                          "\"#{Number.numberBetween '5','500'}\"\n"
                          "    }\n"
                          ") }}\n"
                          "order_id BIGINT,\n"
                          "customer STRING,\n"
                          "amount INT\n"},
    {"models/large_orders.sql", "{{ config(materialized='streaming_table') }}\n"
                                "select order_id, customer, amount\n"
                                "from {{ ref('orders') }}\n"
                                "where amount >= {{ var('large', 100) }}\n"},
    {"models/large_orders_view.sql", "{{ config(materialized='view') }}\n"
                                     "select customer, amount\n"
                                     "from {{ ref('large_orders') }}\n"},
    {"models/schema.yml", "version: 2\n"
                          "\n"
                          "models:\n"
                          "  - name: large_orders\n"
                          "    description: Orders that are worth a look.\n"
                          "    columns:\n"
                          "      - name: order_id\n"
                          "        data_type: BIGINT\n"
                          "      - name: customer\n"
                          "        data_type: STRING\n"
                          "      - name: amount\n"
                          "        data_type: INT\n"},
    {".gitignore", "target/\ndbt_packages/\nlogs/\n"},
};

/* dbt's rule for names: letters, digits and '_', no digit first. */
static char *name_of(struct arena *arena, const char *dir)
{
    char *full = realpath(dir, NULL);
    const char *base = full != NULL ? path_base(full) : "";
    char *name =
        arena_printf(arena, "%s%s", isdigit((unsigned char)base[0]) ? "_" : "", base);

    for (char *at = name; *at != '\0'; at++) {
        bool ok = isalnum((unsigned char)*at) || *at == '_';
        *at = ok ? (char)tolower((unsigned char)*at) : '_';
    }
    free(full);
    return name[0] != '\0' ? name : arena_strdup(arena, "project");
}

static int write_one(struct shell *shell, const char *dir,
                     const struct template *template, const char *name,
                     struct arena *arena, struct err *err)
{
    const char *path = path_join(arena, dir, template->path);
    struct buf text = BUF_INIT;
    int result;

    if (path_exists(path)) {
        print_note(&shell->print, "  %s is there already: left as it is",
                   template->path);
        return 0;
    }
    for (const char *at = template->text; *at != '\0'; at++) {
        if (*at == '@') {
            buf_adds(&text, name);
        } else {
            buf_addc(&text, *at);
        }
    }
    result = path_mkdirs(path_dir(arena, path), err);
    if (result == 0) {
        result = path_write(path, buf_str(&text), text.len, 0666, err);
    }
    if (result == 0) {
        print_note(&shell->print, "  %s", template->path);
    }
    buf_fini(&text);
    return result;
}

int init_project(struct shell *shell, const char *dir, struct err *err)
{
    struct arena arena = {0};
    const char *path = path_expand_home(&arena, dir);
    bool exists = path_exists(path_join(&arena, path, "dbt_project.yml"));
    char *name = NULL;
    int result =
        exists ? err_set(err, ERR_REFUSED, "%s has a dbt_project.yml already", path)
               : path_mkdirs(path, err);

    if (result == 0) {
        name = name_of(&arena, path);
        print_note(&shell->print, "New project %s in %s:", name, path);
    }
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]) && result == 0;
         i++) {
        result = write_one(shell, path, &templates[i], name, &arena, err);
    }
    if (result == 0) {
        bool here = str_eq(dir, ".");
        print_note(&shell->print, "Try: cflowsh%s%s --sandbox -c '\\plan' -c '\\run'",
                   here ? "" : " -C ", here ? "" : path);
    }
    arena_fini(&arena);
    return result;
}
