#include "config.h"

#include "project/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistr.h>

#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"

#define MAX_DEPTH 40

/* Bytes of the white space character at `p`, or 0. */
static size_t space_at(const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p;

    if (c < 0x80) {
        return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
    }
    ucs4_t uc;
    int n = u8_mbtoucr(&uc, (const uint8_t *)p, (size_t)(end - p));
    bool space =
        n > 0 &&
        (uc == 0x85 || uc == 0xa0 || uc == 0x1680 || (uc >= 0x2000 && uc <= 0x200a) ||
         uc == 0x2028 || uc == 0x2029 || uc == 0x202f || uc == 0x205f || uc == 0x3000);
    return space ? (size_t)n : 0;
}

void project_strip(const char **text, size_t *len)
{
    const char *p = *text;
    const char *end = p + *len;

    while (p < end) {
        size_t n = space_at(p, end);
        if (n == 0) {
            break;
        }
        p += n;
    }
    while (end > p) {
        const char *last = end - 1;
        while (last > p && ((unsigned char)*last & 0xc0) == 0x80) {
            last--;
        }
        size_t n = space_at(last, end);
        if (n == 0 || last + n != end) {
            break;
        }
        end = last;
    }
    *text = p;
    *len = (size_t)(end - p);
}

static void add_stamp(struct loader *loader, const char *path, const struct stat *st)
{
    struct stamp *stamp = arena_new(loader->arena, struct stamp);

    stamp->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    stamp->size = st->st_size;
    stamp->is_dir = S_ISDIR(st->st_mode);
    map_put(&loader->project->index->stamps, path, stamp);
}

static int check_text(struct project_file *file, struct err *err)
{
    const uint8_t *bad = u8_check((const uint8_t *)file->text, file->len);

    if (bad == NULL && memchr(file->text, '\0', file->len) == NULL) {
        return 0;
    }
    if (bad != NULL) {
        err_set(err, ERR_PROJECT, "the file is not valid UTF-8");
        err_at_offset(err, file->shown, file->text, file->len,
                      (size_t)((const char *)bad - file->text));
    } else {
        err_set(err, ERR_PROJECT, "the file holds NUL bytes: is it a binary file?");
        err_at(err, file->shown, 0, 0);
    }
    return -1;
}

struct project_file *project_read_file(struct loader *loader, struct package *package,
                                       const char *path, bool keep_text,
                                       struct err *err)
{
    struct project_index *index = loader->project->index;
    char *key = project_key(loader->arena, package->name, path, NULL);
    struct project_file *file = map_get(&index->files, key);

    if (file != NULL) {
        return file;
    }
    file = arena_new(loader->arena, struct project_file);
    file->path = arena_strdup(loader->arena, path);
    file->full = path_join(loader->arena, package->root, path);
    file->package = package;
    file->shown = file->full;
    size_t root = strlen(loader->project->root);
    if (strncmp(file->full, loader->project->root, root) == 0 &&
        file->full[root] == '/') {
        file->shown = file->full + root + 1;
    }
    struct stat st;
    struct buf buf = BUF_INIT;
    if (stat(file->full, &st) != 0) {
        err_set_errno(err, ERR_PROJECT, "can't read the file");
    } else if (path_read(file->full, PROJECT_MAX_FILE, &buf, err) == 0) {
        add_stamp(loader, file->full, &st);
        const char *text = buf_str(&buf);
        size_t len = buf.len;
        project_strip(&text, &len);
        file->checksum = project_sha256(loader->arena, text, len);
        file->size = st.st_size;
        if (keep_text) {
            file->text = arena_strndup(loader->arena, buf_str(&buf), buf.len);
            file->len = buf.len;
        }
    }
    buf_fini(&buf);
    if (err->code != ERR_NONE) {
        err->code = ERR_PROJECT;
        err_at(err, file->shown, 0, 0);
        return NULL;
    }
    if (keep_text && check_text(file, err) != 0) {
        return NULL;
    }
    map_put(&index->files, key, file);
    return file;
}

bool project_file_matches(const char *relative, const char *ext)
{
    const char *name = path_base(relative);
    size_t len = strlen(name);
    size_t tail = strlen(ext);

    return strchr(".#~", name[0]) == NULL && len >= tail &&
           strcasecmp(name + len - tail, ext) == 0;
}

struct walk {
    struct loader *loader;
    const struct ignore *ignore;
    const char *root; /* of the package */
    const char *dir;  /* searched */
    struct found_list *out;
    size_t cap;
    dev_t devs[MAX_DEPTH + 1];
    ino_t inos[MAX_DEPTH + 1];
    struct err *err;
};

static void add_found(struct walk *w, const char *relative)
{
    struct arena *arena = w->loader->arena;

    if (w->ignore != NULL) {
        if (ignore_matches(w->ignore, path_join(arena, w->dir, relative))) {
            return;
        }
    }
    if (w->out->count == w->cap) {
        size_t cap = w->cap != 0 ? w->cap * 2 : 16;
        w->out->items =
            arena_realloc(arena, w->out->items, w->cap * sizeof(struct found_file),
                          cap * sizeof(struct found_file));
        w->cap = cap;
    }
    w->out->items[w->out->count++] = (struct found_file){w->dir, relative};
}

static int walk_dir(struct walk *w, const char *full, const char *relative, int depth);

/* Links are followed, as dbt does; a link back to a folder above is left out. */
static int walk_subdir(struct walk *w, const char *full, const char *relative,
                       int depth)
{
    struct stat st;

    if (stat(full, &st) != 0) {
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        if (S_ISREG(st.st_mode)) {
            add_found(w, relative);
        }
        return 0;
    }
    for (int i = 0; i < depth; i++) {
        if (w->devs[i] == st.st_dev && w->inos[i] == st.st_ino) {
            return 0;
        }
    }
    if (depth > MAX_DEPTH) {
        err_set(w->err, ERR_PROJECT, "folders are nested too deeply");
        err_at(w->err, full, 0, 0);
        return -1;
    }
    w->devs[depth] = st.st_dev;
    w->inos[depth] = st.st_ino;
    add_stamp(w->loader, full, &st);
    return walk_dir(w, full, relative, depth);
}

static int visit(struct walk *w, const char *full, const char *relative,
                 const struct dirent *entry, int depth)
{
    struct arena *arena = w->loader->arena;
    const char *name = entry->d_name;

    if (str_eq(name, ".") || str_eq(name, "..")) {
        return 0;
    }
    if (w->out->count >= PROJECT_MAX_FILES) {
        return err_set(w->err, ERR_LIMIT, "more than %zu files below '%s'",
                       PROJECT_MAX_FILES, w->dir);
    }
    char *below = relative[0] != '\0' ? arena_printf(arena, "%s/%s", relative, name)
                                      : arena_strdup(arena, name);
    if (entry->d_type == DT_REG) {
        add_found(w, below);
        return 0;
    }
    return walk_subdir(w, arena_printf(arena, "%s/%s", full, name), below, depth + 1);
}

static int walk_dir(struct walk *w, const char *full, const char *relative, int depth)
{
    DIR *dir = opendir(full);
    struct dirent *entry;
    int rc = 0;

    if (dir == NULL) {
        err_set_errno(w->err, ERR_PROJECT, "can't read the folder");
        err_at(w->err, full, 0, 0);
        return -1;
    }
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        rc = visit(w, full, relative, entry, depth);
    }
    closedir(dir);
    return rc;
}

static int compare_found(const void *a, const void *b)
{
    return strcmp(((const struct found_file *)a)->relative,
                  ((const struct found_file *)b)->relative);
}

const struct found_list *project_walk(struct loader *loader, struct package *package,
                                      const char *dir, struct err *err)
{
    struct project_index *index = loader->project->index;
    char *full = path_join(loader->arena, package->root, dir);
    size_t len = strlen(full);

    while (len > 1 && full[len - 1] == '/') {
        full[--len] = '\0';
    }
    struct found_list *list = map_get(&index->walks, full);
    if (list != NULL) {
        return list;
    }
    list = arena_new(loader->arena, struct found_list);
    struct walk walk = {.loader = loader,
                        .ignore = ignore_read(loader->arena, package->root),
                        .root = package->root,
                        .dir = arena_strdup(loader->arena, dir),
                        .out = list,
                        .err = err};
    if (path_is_dir(full) && walk_subdir(&walk, full, "", 0) != 0) {
        return NULL;
    }
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(*list->items), compare_found);
    }
    map_put(&index->walks, full, list);
    return list;
}

/* ---- .dbtignore: the patterns of .gitignore ---- */

struct ignore_rule {
    const char *pattern;
    bool negated;
    bool only_dirs;
    bool anchored;
};

struct ignore {
    struct ignore_rule *rules;
    size_t count;
};

static void add_rule(struct arena *arena, struct ignore *ignore, char *line)
{
    struct ignore_rule rule = {0};
    size_t len = strlen(line);

    while (len > 0 &&
           (line[len - 1] == '\r' || line[len - 1] == ' ' || line[len - 1] == '\t')) {
        line[--len] = '\0';
    }
    if (len == 0 || *line == '#') {
        return;
    }
    if (*line == '!') {
        rule.negated = true;
        line++;
        len--;
    }
    if (len > 0 && line[len - 1] == '/') {
        rule.only_dirs = true;
        line[--len] = '\0';
    }
    rule.anchored = strchr(line, '/') != NULL;
    rule.pattern = *line == '/' ? line + 1 : line;
    if (*rule.pattern == '\0') {
        return;
    }
    ignore->rules = arena_realloc(arena, ignore->rules, ignore->count * sizeof(rule),
                                  (ignore->count + 1) * sizeof(rule));
    ignore->rules[ignore->count++] = rule;
}

struct ignore *ignore_read(struct arena *arena, const char *root)
{
    struct buf buf = BUF_INIT;
    struct err err = {0};
    char *path = path_join(arena, root, ".dbtignore");

    if (!path_exists(path) || path_read(path, 1024 * 1024, &buf, &err) != 0) {
        buf_fini(&buf);
        return NULL;
    }
    struct ignore *ignore = arena_new(arena, struct ignore);
    char *text = arena_strndup(arena, buf_str(&buf), buf.len);
    buf_fini(&buf);
    while (text != NULL) {
        char *eol = strchr(text, '\n');
        if (eol != NULL) {
            *eol = '\0';
        }
        add_rule(arena, ignore, text);
        text = eol != NULL ? eol + 1 : NULL;
    }
    return ignore;
}

/* Matches with "**" for any number of folders. Patterns and paths are short. */
static bool match_glob(const char *pattern, const char *path, int depth)
{
    const char *stars = strstr(pattern, "**");

    if (stars == NULL || depth > 8) {
        return fnmatch(pattern, path, FNM_PATHNAME) == 0;
    }
    if (stars == pattern && stars[2] == '/') {
        for (const char *p = path; p != NULL;) {
            if (match_glob(pattern + 3, p, depth + 1)) {
                return true;
            }
            p = strchr(p, '/');
            p = p != NULL ? p + 1 : NULL;
        }
        return false;
    }
    if (stars > pattern && stars[-1] == '/') {
        size_t head = (size_t)(stars - pattern) - 1;
        const char *p = path;
        for (size_t slashes = 0; p != NULL; slashes++) {
            char *prefix = xstrndup(pattern, head);
            const char *slash = strchr(p, '/');
            char *front = slash != NULL ? xstrndup(path, (size_t)(slash - path)) : NULL;
            bool fits = front != NULL && fnmatch(prefix, front, FNM_PATHNAME) == 0 &&
                        (stars[2] != '/' || match_glob(stars, slash + 1, depth + 1));
            free(prefix);
            free(front);
            if (fits) {
                return true;
            }
            p = slash != NULL ? slash + 1 : NULL;
        }
        return false;
    }
    return fnmatch(pattern, path, 0) == 0;
}

/* Whether the rule fits this file or folder; `path` is relative to the project. */
static bool rule_matches(const struct ignore_rule *rule, const char *path, bool is_dir)
{
    if (rule->only_dirs && !is_dir) {
        return false;
    }
    return match_glob(rule->pattern, rule->anchored ? path : path_base(path), 0);
}

bool ignore_matches(const struct ignore *ignore, const char *path)
{
    bool ignored = false;

    for (size_t i = 0; i < ignore->count; i++) {
        const struct ignore_rule *rule = &ignore->rules[i];
        bool fits = rule_matches(rule, path, false);
        char *copy = xstrdup(path);
        for (char *slash = strrchr(copy, '/'); !fits && slash != NULL;
             slash = strrchr(copy, '/')) {
            *slash = '\0';
            fits = rule_matches(rule, copy, true);
        }
        free(copy);
        if (fits) {
            ignored = !rule->negated;
        }
    }
    return ignored;
}
