#include "tests/simulator/explore/search.h"

#include "base/memory.h"

#include <stdio.h>

enum {
    DEPTH_MAX = 255,
    NODES_FIRST = 1 << 16,
    LOOK_AT_CLOCK = 1024 /* states from one look to the next */
};

void search_clear(struct search *search)
{
    memory_free(search->nodes);
    memory_free(search->hashes);
    search->nodes = NULL;
    search->hashes = NULL;
}

/* ---- states that were seen ---- */

static bool put_hash(uint64_t *hashes, size_t n_hashes, uint64_t hash)
{
    size_t i = hash & (n_hashes - 1);

    while (hashes[i] != 0 && hashes[i] != hash)
        i = (i + 1) & (n_hashes - 1);
    if (hashes[i] == hash)
        return false;
    hashes[i] = hash;
    return true;
}

static bool grow(struct search *search, struct error *error)
{
    size_t n_nodes_max = search->n_nodes_max * 2;
    uint64_t *hashes = memory_array(4 * n_nodes_max, sizeof(*hashes), error);
    struct node *nodes =
        hashes ? memory_resize(search->nodes, n_nodes_max, sizeof(*nodes), error) : NULL;

    if (!nodes) {
        memory_free(hashes);
        return false;
    }
    for (size_t i = 0; i < search->n_hashes; i++) {
        if (search->hashes[i] != 0)
            (void)put_hash(hashes, 4 * n_nodes_max, search->hashes[i]);
    }
    memory_free(search->hashes);
    search->nodes = nodes;
    search->hashes = hashes;
    search->n_nodes_max = n_nodes_max;
    search->n_hashes = 4 * n_nodes_max;
    return true;
}

static bool begin(struct search *search, struct error *error)
{
    search->n_nodes = 0;
    search->n_moves = 0;
    search->n_nodes_max = NODES_FIRST;
    search->n_hashes = 4 * (size_t)NODES_FIRST;
    search->nodes = memory_array(search->n_nodes_max, sizeof(*search->nodes), error);
    search->hashes = memory_array(search->n_hashes, sizeof(*search->hashes), error);
    return search->nodes && search->hashes;
}

/* ---- from one to the next ---- */

static size_t path_to(const struct search *search, uint32_t node, struct move path[DEPTH_MAX])
{
    size_t n = search->nodes[node].depth;

    for (size_t i = n; i > 0; i--) {
        path[i - 1] = search->nodes[node].move;
        node = search->nodes[node].parent;
    }
    return n;
}

static void go_to(struct search *search, const struct move *path, size_t n)
{
    field_begin(search->field, search->bounds);
    for (size_t i = 0; i < n; i++)
        field_move(search->field, path[i]);
}

static void add_node(struct search *search, uint32_t parent, struct move move)
{
    const struct node *before = &search->nodes[parent];
    uint64_t hash = field_hash(search->field) | 1;

    if (!put_hash(search->hashes, search->n_hashes, hash))
        return;
    search->nodes[search->n_nodes++] =
        (struct node){.parent = parent, .move = move, .depth = (uint8_t)(before->depth + 1)};
}

/* False when an invariant fell in one of the states that follow @node. */
static bool expand(struct search *search, uint32_t node, struct error *error)
{
    struct move moves[FIELD_MOVES_MAX];
    struct move path[DEPTH_MAX];
    size_t n_path = path_to(search, node, path);
    size_t n_moves;
    bool ok = true;

    go_to(search, path, n_path);
    n_moves = field_moves(search->field, moves);
    for (size_t i = 0; i < n_moves && ok; i++) {
        if (i > 0)
            go_to(search, path, n_path);
        field_move(search->field, moves[i]);
        field_judge(search->field);
        search->n_moves++;
        ok = search->field->error.code == ERROR_NONE;
        if (ok) {
            add_node(search, node, moves[i]);
        } else {
            *error = search->field->error;
            search->failed = (uint32_t)search->n_nodes;
            search->nodes[search->n_nodes] =
                (struct node){.parent = node, .move = moves[i], .depth = (uint8_t)(n_path + 1)};
        }
        field_end(search->field);
    }
    if (n_moves == 0)
        field_end(search->field);
    return ok;
}

static bool is_late(const struct search *search, uint32_t node)
{
    return search->deadline && node % LOOK_AT_CLOCK == 0 && clock() >= search->deadline;
}

bool search_run(struct search *search, struct error *error)
{
    if (!begin(search, error))
        return false;
    search->nodes[search->n_nodes++] = (struct node){0};
    for (uint32_t node = 0; node < search->n_nodes; node++) {
        if (is_late(search, node)) {
            search->n_open = search->n_nodes - node;
            return true;
        }
        if (search->n_nodes + FIELD_MOVES_MAX + 1 > search->n_nodes_max && !grow(search, error))
            return false;
        if (search->nodes[node].depth + 1 == DEPTH_MAX)
            return error_set(error, ERROR_TOO_LARGE, "a schedule is longer than %d moves",
                             DEPTH_MAX);
        if (!expand(search, node, error))
            return false;
    }
    return true;
}

void search_print(struct search *search)
{
    struct move path[DEPTH_MAX];
    size_t n = path_to(search, search->failed, path);

    field_begin(search->field, search->bounds);
    for (size_t i = 0; i < n; i++) {
        char text[MOVE_TEXT_BYTES];

        field_move(search->field, path[i]);
        field_describe(search->field, path[i], text);
        printf("  %2zu  %s\n", i + 1, text);
    }
    field_end(search->field);
}

unsigned search_depth(const struct search *search)
{
    size_t last = search->n_nodes - 1;

    return search->nodes[search->n_open ? search->n_nodes - search->n_open : last].depth;
}
