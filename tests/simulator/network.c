#include "tests/simulator/network.h"

#include "tests/simulator/judge.h"
#include "tests/simulator/times.h"
#include "tests/simulator/world.h"

#include <inttypes.h>
#include <string.h>

enum {
    MAJORITY_WAIT_MS = 1500, /* then the database gives up with a write concern error */
    SWEEP_MAX = ASKED_MAX
};

static const char *const kind_names[] = {
    [REQUEST_HEADS] = "heads",   [REQUEST_LOOK_UP] = "look-up", [REQUEST_TOKENS] = "tokens",
    [REQUEST_INSERT] = "insert", [REQUEST_MARK] = "mark",       [REQUEST_SWEEP] = "sweep",
    [REQUEST_COPY] = "copy",     [REQUEST_LOAD] = "offset",     [REQUEST_KEEP] = "new offset",
};

void network_init(struct network *network)
{
    for (size_t i = 0; i < REQUESTS_MAX; i++)
        network->requests[i].n_pending = 0;
    network->n_under_way = 0;
    network->away_until_ms = 0;
    network->lag_until_ms = 0;
    network->behind_until_ms = 0;
    network->n_deposed = 0;
}

struct request *network_request(struct world *world, int replica, int asker, enum request_kind kind)
{
    struct network *network = &world->network;

    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        struct request *request = &network->requests[i];

        if (request->n_pending == 0) {
            request->kind = kind;
            request->replica = replica;
            request->life = world->replicas[replica].life;
            request->asker = asker;
            request->n_arrivals = 0;
            request->is_cut = false;
            request->is_replied = false;
            request->n = 0;
            request->n_holdings = 0;
            request->code = ERROR_NONE;
            return request;
        }
    }
    world_fail(world, "the simulator has no room for another call of the database");
    return NULL;
}

static void schedule(struct world *world, struct request *request, enum happening_kind kind,
                     int64_t in_ms)
{
    request->n_pending++;
    world_add(world, (struct happening){.at_ms = world_now_ms(world) + in_ms,
                                        .kind = kind,
                                        .replica = kind == HAPPENS_REPLY ? request->replica : -1,
                                        .what = (int32_t)(request - world->network.requests)});
}

static bool is_write(const struct request *request)
{
    return request->kind == REQUEST_INSERT || request->kind == REQUEST_MARK ||
           request->kind == REQUEST_COPY || request->kind == REQUEST_KEEP;
}

static enum store_fate take_fate(struct world *world, const struct request *request)
{
    struct replica *replica = &world->replicas[request->replica];
    enum store_fate *next = is_write(request) ? &replica->next_write : &replica->next_read;
    enum store_fate fate = *next;

    *next = STORE_FINE;
    return fate;
}

static int64_t lateness_ms(struct world *world)
{
    struct chance *chance = &world->agenda.chance;

    return 1 + chance_below(chance, chance_of(chance, 60) ? 30 : LATE_MS);
}

void network_send(struct world *world, struct request *request)
{
    int64_t way_ms = agenda_way_ms(&world->agenda);
    int64_t back_ms = agenda_way_ms(&world->agenda);

    request->fate = take_fate(world, request);
    world->network.n_under_way++;
    switch (request->fate) {
    case STORE_NOT_SENT:
    case STORE_LOST:
        schedule(world, request, HAPPENS_REPLY, way_ms);
        return;
    case STORE_SILENT:
        schedule(world, request, HAPPENS_REPLY, CALL_WAIT_MS);
        return;
    case STORE_NO_REPLY:
    case STORE_HALF:
        schedule(world, request, HAPPENS_REQUEST, way_ms);
        schedule(world, request, HAPPENS_REPLY, way_ms + back_ms);
        return;
    case STORE_LATE:
        schedule(world, request, HAPPENS_REQUEST, lateness_ms(world));
        schedule(world, request, HAPPENS_REPLY, way_ms);
        return;
    case STORE_TWICE:
        schedule(world, request, HAPPENS_REQUEST, way_ms);
        schedule(world, request, HAPPENS_REQUEST, way_ms + back_ms);
        return;
    case STORE_SLOW:
        way_ms += chance_below(&world->agenda.chance, CALL_WAIT_MS / 2);
        break;
    case STORE_FINE:
    case STORE_FATES:
        break;
    }
    schedule(world, request, HAPPENS_REQUEST, way_ms);
}

/* ---- at the database ---- */

static int64_t majority_in_ms(struct world *world)
{
    int64_t lag_ms = world->network.lag_until_ms - world_now_ms(world);

    return agenda_way_ms(&world->agenda) + (lag_ms > 0 ? lag_ms : 0);
}

static void await_majority(struct world *world, struct request *request, size_t i, int64_t in_ms)
{
    const struct ledger_key *key = &request->entries[i].entry.key;
    int event = event_of(&key->event_id);
    struct stored *stored = store_at(&world->store, event, key->sequence);

    stored->author = request->replica;
    request->numbers[i] = stored->number;
    if (request->fate == STORE_LATE)
        SEE(world, SIGHT_LANDED_LATE);
    judge_entry(world, stored);
    world_add(world, (struct happening){.at_ms = world_now_ms(world) + in_ms,
                                        .kind = HAPPENS_MAJORITY,
                                        .replica = -1,
                                        .what = event * ENTRIES_MAX + (int32_t)key->sequence,
                                        .more = stored->number});
}

/* What is taken by an entry without a majority may come with a write concern error, or without. */
static enum ledger_outcome refusal_of(struct world *world, const struct ledger_entry *entry,
                                      enum ledger_outcome outcome)
{
    const struct stored *stored =
        store_at(&world->store, event_of(&entry->key.event_id), entry->key.sequence);

    if (outcome == LEDGER_TAKEN && !stored->has_majority && chance_of(&world->agenda.chance, 50))
        return LEDGER_UNKNOWN;
    return outcome;
}

/* Returns in how many milliseconds all of it has its majority; 0: nothing landed. */
static int64_t insert(struct world *world, struct request *request)
{
    size_t n = request->fate == STORE_HALF && request->n > 1 ? 1 : request->n;
    int64_t in_ms = majority_in_ms(world);
    int64_t waits_ms = 0;

    for (size_t i = 0; i < n; i++) {
        const struct ledger_entry *entry = &request->entries[i].entry;
        enum ledger_outcome outcome = store_insert(&world->store, entry);

        request->numbers[i] = 0;
        SAY(world, "database: entry %" PRId64 " of event %d from replica %d %s",
            entry->key.sequence, event_of(&entry->key.event_id), request->replica,
            outcome == LEDGER_LANDED  ? "lands"
            : outcome == LEDGER_TAKEN ? "finds its number taken"
                                      : "finds a booking there already");
        if (outcome == LEDGER_LANDED) {
            await_majority(world, request, i, in_ms);
            waits_ms = in_ms;
        }
        request->outcomes[i] = refusal_of(world, entry, outcome);
        if (outcome != LEDGER_LANDED) /* a refusal waits until a majority has what refused it */
            store_catch_up(&world->store);
    }
    return waits_ms;
}

static struct ledger_found found_shown(struct world *world, const struct object_id *id)
{
    const struct ledger_found found = store_found_shown(&world->store, id);
    const struct ledger_found true_one = store_find(&world->store, id);

    if (found.exists != true_one.exists || found.is_cancelled != true_one.is_cancelled)
        SEE(world, SIGHT_SHOWN_LESS);
    return found;
}

/* What users hold is not shown older: docs/guarantees.md leaves that open. */
static void look_up(struct world *world, struct request *request)
{
    for (size_t i = 0; i < request->n; i++)
        request->found[i] = found_shown(world, &request->booking_ids[i]);
    for (size_t i = 0; i < request->n_holdings; i++) {
        struct ledger_holding *holding = &request->holdings[i];

        holding->seats = store_held(&world->store, event_of(&holding->event_id), &holding->user_id);
    }
}

static void mark(struct world *world, const struct request *request)
{
    for (size_t i = 0; i < request->n; i++) {
        const struct ledger_key *key = &request->keys[i];
        struct stored *stored = store_at(&world->store, event_of(&key->event_id), key->sequence);

        if (stored)
            stored->is_published = true;
    }
}

static void sweep(struct world *world, struct request *request)
{
    request->n = 0;
    for (int event = 0; event < world->plan->n_events; event++) {
        for (int64_t s = 0; s < world->store.n_majority[event]; s++) {
            const struct stored *stored = store_at(&world->store, event, s);

            if (stored && stored->has_majority && !stored->is_published && request->n < SWEEP_MAX)
                request->keys[request->n++] = stored->entry.key;
        }
    }
}

static void copy(struct world *world, struct request *request)
{
    for (size_t i = 0; i < request->n; i++) {
        struct copied *copied = &world->store.copies[event_of(&request->keys[i].event_id)];

        request->changed[i] = request->versions[i] > copied->version;
        if (request->changed[i])
            *copied = (struct copied){request->versions[i], request->removed[i]};
    }
}

static void keep(struct world *world, const struct request *request)
{
    if (request->offset < world->store.offset)
        SEE(world, SIGHT_OFFSET_LOWER);
    world->store.offset = request->offset;
}

/* Returns how long the reply has to wait. */
static int64_t carry_out(struct world *world, struct request *request)
{
    if (world_now_ms(world) >= world->network.behind_until_ms)
        store_catch_up(&world->store);
    switch (request->kind) {
    case REQUEST_HEADS:
        for (size_t i = 0; i < request->n; i++)
            request->heads[i] =
                store_head_shown(&world->store, event_of(&request->keys[i].event_id));
        return 0;
    case REQUEST_LOOK_UP:
        look_up(world, request);
        return 0;
    case REQUEST_TOKENS:
        for (size_t i = 0; i < request->n; i++)
            request->tokens[i] = store_token_shown(&world->store, &request->keys[i]);
        return 0;
    case REQUEST_INSERT:
        return insert(world, request);
    case REQUEST_MARK:
        mark(world, request);
        return 0;
    case REQUEST_SWEEP:
        sweep(world, request);
        return 0;
    case REQUEST_COPY:
        copy(world, request);
        return 0;
    case REQUEST_LOAD:
        request->offset = world->store.offset;
        return 0;
    case REQUEST_KEEP:
        keep(world, request);
        return 0;
    }
    return 0;
}

static bool has_reply_to_come(const struct request *request)
{
    switch (request->fate) {
    case STORE_FINE:
    case STORE_SLOW:
        return true;
    case STORE_TWICE:
        return request->n_arrivals == 2;
    default:
        return false; /* it is under way already */
    }
}

void network_arrived(struct world *world, struct request *request)
{
    int64_t waits_ms = 0;

    request->n_arrivals++;
    if (request->is_cut || world_now_ms(world) < world->network.away_until_ms)
        request->is_cut = true;
    else
        waits_ms = carry_out(world, request);
    if (waits_ms > MAJORITY_WAIT_MS)
        waits_ms = MAJORITY_WAIT_MS;
    if (has_reply_to_come(request))
        schedule(world, request, HAPPENS_REPLY, waits_ms + agenda_way_ms(&world->agenda));
    network_release(world, request);
}

void network_majority(struct world *world, int event, int64_t sequence, int64_t number)
{
    const struct stored *stored = store_at(&world->store, event, sequence);

    if (stored && stored->number == number)
        store_majority(&world->store, event, sequence);
}

/* ---- back at the replica ---- */

static bool is_good(const struct request *request)
{
    return !request->is_cut && (request->fate == STORE_FINE || request->fate == STORE_SLOW ||
                                request->fate == STORE_TWICE);
}

/* Landed is only what has its majority by now, and so will stay. */
static enum ledger_outcome outcome_of(struct world *world, const struct request *request, size_t i)
{
    const struct ledger_key *key = &request->entries[i].entry.key;
    const struct stored *stored;

    if (request->fate == STORE_NOT_SENT)
        return LEDGER_NOT_SENT;
    if (!is_good(request))
        return LEDGER_UNKNOWN;
    if (request->outcomes[i] != LEDGER_LANDED)
        return request->outcomes[i];
    stored = store_at(&world->store, event_of(&key->event_id), key->sequence);
    return stored && stored->number == request->numbers[i] && stored->has_majority ? LEDGER_LANDED
                                                                                   : LEDGER_UNKNOWN;
}

static void settle(struct world *world, struct request *request)
{
    static const char *const names[] = {"landed", "taken", "duplicate", "unknown", "not sent"};

    if (request->kind == REQUEST_INSERT) {
        for (size_t i = 0; i < request->n; i++) {
            request->outcomes[i] = outcome_of(world, request, i);
            SAY(world, "replica %d: insert of entry %" PRId64 " of event %d: %s", request->replica,
                request->entries[i].entry.key.sequence,
                event_of(&request->entries[i].entry.key.event_id), names[request->outcomes[i]]);
        }
        return;
    }
    if (!is_good(request))
        request->code = is_write(request) && request->fate != STORE_NOT_SENT ? ERROR_OUTCOME_UNKNOWN
                                                                             : ERROR_UNAVAILABLE;
    SAY(world, "replica %d: %s %s", request->replica, kind_names[request->kind],
        request->code == ERROR_NONE ? "answered" : "failed");
}

struct request *network_replied(struct world *world, struct request *request)
{
    request->is_replied = true;
    if (request->life != world->replicas[request->replica].life)
        return NULL;
    settle(world, request);
    return request;
}

void network_release(struct world *world, struct request *request)
{
    if (--request->n_pending == 0)
        world->network.n_under_way--;
}

void network_depose(struct world *world, int64_t for_ms)
{
    struct network *network = &world->network;
    int gone = store_depose(&world->store, &world->agenda.chance);

    network->away_until_ms = world_now_ms(world) + for_ms;
    network->behind_until_ms =
        network->away_until_ms + chance_below(&world->agenda.chance, BEHIND_MS);
    network->n_deposed++;
    for (size_t i = 0; i < REQUESTS_MAX; i++) {
        if (network->requests[i].n_pending > 0 && !network->requests[i].is_replied)
            network->requests[i].is_cut = true;
    }
    world->sights->n[SIGHT_ROLLED_BACK] += gone;
    SAY(world, "database: another primary; %d entries without a majority are gone", gone);
}
