#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "project/internal.h"

/*
 * Taking in an edited model without loading everything again: right while the model
 * still asks for the same config, refs and sources, which is nearly every edit.
 */

#define MAX_EDITED 32

static bool same_stamp(const struct stamp *stamp, const struct stat *st)
{
    int64_t mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;

    return mtime == stamp->mtime_ns && (stamp->is_dir || st->st_size == stamp->size);
}

/* The files that changed; more than `max`, or a folder that did, gives `max` + 1. */
static size_t find_edited(const struct project *project, const char **out, size_t max)
{
    const struct map *stamps = &project->index->stamps;
    size_t count = 0;

    for (size_t i = 0; i < stamps->count; i++) {
        const struct stamp *stamp = stamps->entries[i].value;
        struct stat st;
        if (stat(stamps->entries[i].key, &st) == 0 && same_stamp(stamp, &st)) {
            continue;
        }
        if (stamp->is_dir || count == max) {
            return max + 1;
        }
        out[count++] = stamps->entries[i].key;
    }
    return count;
}

static struct node *node_of_file(const struct project *project, const char *path)
{
    for (size_t i = 0; i < project->node_count; i++) {
        struct node *node = project->nodes[i];
        if (node->type == NODE_MODEL && str_eq(node->file->full, path)) {
            return node;
        }
    }
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && str_eq(a, b));
}

static bool same_captures(const struct node *a, const struct node *b)
{
    if (a->ref_count != b->ref_count || a->source_count != b->source_count ||
        a->macro_count != b->macro_count ||
        value_dict_count(a->config_call) != value_dict_count(b->config_call) ||
        (value_dict_count(a->config_call) > 0 &&
         !value_equal(a->config_call, b->config_call))) {
        return false;
    }
    for (size_t i = 0; i < a->ref_count; i++) {
        if (!str_eq(a->refs[i].name, b->refs[i].name) ||
            !same_text(a->refs[i].package, b->refs[i].package) ||
            !value_equal(a->refs[i].version, b->refs[i].version)) {
            return false;
        }
    }
    for (size_t i = 0; i < a->source_count; i++) {
        if (!str_eq(a->sources[i].source, b->sources[i].source) ||
            !str_eq(a->sources[i].table, b->sources[i].table)) {
            return false;
        }
    }
    for (size_t i = 0; i < a->macro_count; i++) {
        if (a->macros[i] != b->macros[i]) {
            return false;
        }
    }
    return true;
}

/* Takes over the new body; where refs stand in it may have moved. */
static void take_over(struct node *node, const struct node *fresh)
{
    node->file = fresh->file;
    node->raw_code = fresh->raw_code;
    node->raw_code_len = fresh->raw_code_len;
    node->raw_code_line = fresh->raw_code_line;
    node->checksum = fresh->checksum;
    node->created_at = fresh->created_at;
    node->compiled = NULL;
    node->parsed = NULL;
    for (size_t i = 0; i < node->ref_count; i++) {
        node->refs[i].offset = fresh->refs[i].offset;
    }
    for (size_t i = 0; i < node->source_count; i++) {
        node->sources[i].offset = fresh->sources[i].offset;
    }
}

static bool refresh_node(struct loader *loader, struct node *node)
{
    struct err err = {0};
    struct project_index *index = loader->project->index;
    struct project_file *old = node->file;
    char *key = project_key(loader->arena, node->package->name, old->path, NULL);

    map_put(&index->files, key, NULL);
    struct project_file *file =
        project_read_file(loader, node->package, old->path, true, &err);
    if (file == NULL) {
        map_put(&index->files, key, old);
        return false;
    }
    struct node *fresh = arena_new(loader->arena, struct node);
    *fresh = *node;
    fresh->file = file;
    fresh->checksum = file->checksum;
    fresh->refs = NULL;
    fresh->ref_count = 0;
    fresh->sources = NULL;
    fresh->source_count = 0;
    fresh->macros = NULL;
    fresh->macro_count = 0;
    fresh->config_call = value_undefined();
    fresh->unrendered_config_call = value_undefined();
    node_set_body(loader, fresh);
    if (node_capture(loader, fresh, &err) != 0 || !same_captures(node, fresh)) {
        return false;
    }
    take_over(node, fresh);
    return true;
}

enum project_refreshed project_refresh(struct project *project)
{
    struct err_list errors = {0};
    struct loader loader = {
        .project = project, .arena = &project->arena, .errors = &errors};
    const char *paths[MAX_EDITED];
    size_t count = find_edited(project, paths, MAX_EDITED);
    enum project_refreshed result = count == 0           ? PROJECT_SAME
                                    : count > MAX_EDITED ? PROJECT_STALE
                                                         : PROJECT_REFRESHED;

    loader.bans_static = project->index->bans_static;
    for (size_t i = 0; i < count && result == PROJECT_REFRESHED; i++) {
        struct node *node = node_of_file(project, paths[i]);
        if (node == NULL || !refresh_node(&loader, node)) {
            result = PROJECT_STALE;
        }
    }
    err_list_fini(&errors);
    return result;
}
