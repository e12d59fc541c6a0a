/*
 * The ledgers of all events. Made for batches: a committer asks for many events at once.
 *
 * What a reply of the database proves (docs/decisions/0001): an insert has landed when it was
 * acknowledged without any error; a taken key proves nothing about durability until a majority read
 * shows the entry; everything else is unknown, and the same entry is sent again.
 */
#ifndef EVENTS_PERSISTENCE_LEDGER_STORE_H
#define EVENTS_PERSISTENCE_LEDGER_STORE_H

#include "persistence/database.h"
#include "persistence/ledger_entry.h"

/* The highest entry of an event, without its bookings. */
struct ledger_head {
    bool exists;
    bool is_unreadable; /* of those shown: nothing else is known of it */
    int64_t sequence;
    struct object_id token;
    struct ledger_state state;
};

/* What became of one insert. */
enum ledger_outcome {
    LEDGER_LANDED,    /* acknowledged by a majority, journalled */
    LEDGER_TAKEN,     /* the `_id` is taken, and no write concern error: read it, then believe it */
    LEDGER_DUPLICATE, /* another unique index refused: a booking or cancellation is already there */
    LEDGER_UNKNOWN,   /* anything else: it may have landed, or may yet land */
    LEDGER_NOT_SENT,  /* certainly not sent */
};

/*
 * One round of look-ups. All arrays are the caller's; the lower half of each pair is filled. An id,
 * or a holding, may stand there more than once: each is filled.
 */
struct ledger_found {
    bool exists;
    bool is_cancelled;
    struct object_id event_id;
    int64_t sequence;
    int64_t at_ms;
    struct ledger_booking booking;
};
struct ledger_holding {
    struct object_id event_id;
    struct object_id user_id;
    int64_t seats; /* out: booked minus cancelled by that user at that event */
};
struct ledger_look_up {
    const struct object_id *booking_ids;
    struct ledger_found *found; /* out, one for each id */
    size_t n_bookings;
    struct ledger_holding *holdings;
    size_t n_holdings;
};

MUST_CHECK bool ledger_store_prepare(struct ledger_store *store, struct error *error);

/*
 * Majority reads from the primary. @heads has room for @n_events. @n_known: how many entries each is known to have;
 * 0 or NULL: none; with it @n_events is at most LEDGER_BULK_MAX. It changes nothing but the price: a head a few
 * entries further is found in a tenth of the time. Where a new primary shows less than is known, any lower head may
 * come, or none.
 */
MUST_CHECK bool ledger_store_heads(struct ledger_store *store, const struct object_id *event_ids,
                                   const int64_t *n_known, size_t n_events,
                                   struct ledger_head *heads, struct error *error);
MUST_CHECK bool ledger_store_look_up(struct ledger_store *store, struct ledger_look_up *look_up,
                                     struct error *error);

/*
 * The tokens of the entries at @keys, at most LEDGER_BULK_MAX of them, from a majority read; "none"
 * where there is no entry.
 */
MUST_CHECK bool ledger_store_tokens(struct ledger_store *store, const struct ledger_key *keys,
                                    size_t n_keys, struct object_id *tokens, struct error *error);

/*
 * One unordered bulk insert of at most LEDGER_BULK_MAX entries of different events. Never fails as
 * a whole: each entry has its own outcome. Waits about 2 s at most.
 */
void ledger_store_insert(struct ledger_store *store, const struct ledger_entry *const entries[],
                         size_t n_entries, enum ledger_outcome *outcomes);

/*
 * For requests, over a second set of connections with shorter limits. ERROR_NOT_FOUND: no such
 * booking; no entry of that event yet.
 */
MUST_CHECK bool ledger_store_booking(struct ledger_store *store, const struct object_id *id,
                                     struct booking *booking, struct error *error);
MUST_CHECK bool ledger_store_head(struct ledger_store *store, const struct object_id *event_id,
                                  struct ledger_head *head, struct error *error);

/*
 * Many heads at once; {0} of an event without entries. One that cannot be read is marked, and no reason to show none
 * of the others. @heads has room for @n_events.
 */
MUST_CHECK bool ledger_store_heads_shown(struct ledger_store *store,
                                         const struct object_id *event_ids, size_t n_events,
                                         struct ledger_head *heads, struct error *error);

/*
 * Bookings of an event in the order of its ledger, from (sequence, index) on. Of an entry that cannot be read none
 * are visited, and the walk says ERROR_CORRUPT when it has come to its end.
 */
struct booking_page {
    struct object_id event_id;
    int64_t sequence; /* first entry wanted */
    size_t index;     /* first booking wanted within it */
    size_t limit;     /* 1 to PAGE_ITEMS_MAX */
};
typedef bool booking_visit(void *context, const struct booking *booking, int64_t sequence,
                           size_t index, struct error *error);
MUST_CHECK bool ledger_store_bookings(struct ledger_store *store, const struct booking_page *page,
                                      booking_visit *visit, void *context, struct error *error);

/*
 * Bookings of a user at all events, in the order of the events' ids and then of their ledgers; the
 * event, sequence and index of @page are where they begin, {0} for all. A guest is no user.
 */
MUST_CHECK bool ledger_store_bookings_of(struct ledger_store *store,
                                         const struct object_id *user_id,
                                         const struct booking_page *page, booking_visit *visit,
                                         void *context, struct error *error);

/* Bookings of an event whose ids lie in a range, at most @n_max of them, in no order. */
struct booking_range {
    struct object_id event_id;
    struct object_id first;
    struct object_id last; /* belongs to it */
};
MUST_CHECK bool ledger_store_bookings_between(struct ledger_store *store,
                                              const struct booking_range *range,
                                              struct booking *bookings, size_t n_max,
                                              size_t *n_bookings, struct error *error);

/*
 * What each entry says, and what the bookings in it add up to: all ledgers, in the order of the events'
 * ids and then of their entries.
 */
struct ledger_sum {
    struct ledger_key key;
    struct ledger_state state;
    int64_t seats_booked;
    int64_t seats_cancelled;
    char flaw[ERROR_TEXT_BYTES]; /* why it cannot be read, only the key is sure; empty: it can */
};

struct ledger_scan {
    const struct object_id *only; /* the ledger of this event alone; NULL: all */
    bool has_after;
    struct ledger_key after; /* continue behind this entry */
    size_t limit;            /* 1 to PAGE_ITEMS_MAX */
};
typedef bool ledger_sum_visit(void *context, const struct ledger_sum *sum, struct error *error);
MUST_CHECK bool ledger_store_scan(struct ledger_store *store, const struct ledger_scan *scan,
                                  ledger_sum_visit *visit, void *context, struct error *error);

/* The same entries as they are stored; each is borrowed for the call. What cannot be read ends it. */
typedef bool ledger_visit(void *context, const struct ledger_entry *entry, struct error *error);
MUST_CHECK bool ledger_store_entries(struct ledger_store *store, const struct ledger_scan *scan,
                                     ledger_visit *visit, void *context, struct error *error);

/*
 * Entries not yet marked as published, oldest first, at most @limit; from a random start when there
 * are more. The entry is borrowed for the call.
 */
MUST_CHECK bool ledger_store_unpublished(struct ledger_store *store, size_t limit,
                                         ledger_visit *visit, void *context, struct error *error);
MUST_CHECK bool ledger_store_mark(struct ledger_store *store, const struct ledger_key *keys,
                                  size_t n_keys, struct error *error);

#endif
