/* What a database backend is: tables of functions; the stores start with the shared heads. */
#ifndef EVENTS_PERSISTENCE_BACKEND_H
#define EVENTS_PERSISTENCE_BACKEND_H

#include "persistence/attempt_store.h"
#include "persistence/catalogue_store.h"
#include "persistence/copy_draft.h"
#include "persistence/copy_store.h"
#include "persistence/ledger_store.h"
#include "persistence/search_store.h"
#include "persistence/user_store.h"

struct catalogue_store_ops {
    bool (*prepare)(struct catalogue_store *store, struct error *error);
    bool (*insert_event)(struct catalogue_store *store, const struct event *event,
                         const struct catalogue_key *key, const struct outbox_message *message,
                         struct error *error);
    bool (*insert_location)(struct catalogue_store *store, const struct location *location,
                            const struct catalogue_key *key, const struct outbox_message *message,
                            struct error *error);
    bool (*find_key)(struct catalogue_store *store, enum outbox_kind kind,
                     const uint8_t hash[HASH_BYTES], struct catalogue_keyed *keyed,
                     struct error *error);
    bool (*change_event)(struct catalogue_store *store, const struct event *event,
                         const struct outbox_message *message, struct error *error);
    bool (*change_location)(struct catalogue_store *store, const struct location *location,
                            const struct outbox_message *message, struct error *error);
    bool (*remove)(struct catalogue_store *store, const struct outbox_message *message,
                   struct error *error);
    bool (*event)(struct catalogue_store *store, const struct object_id *id,
                  struct event_view *view, struct error *error);
    bool (*location)(struct catalogue_store *store, const struct object_id *id,
                     struct location *location, struct error *error);
    bool (*events)(struct catalogue_store *store, const struct event_page *page, event_visit *visit,
                   void *context, struct error *error);
    bool (*locations)(struct catalogue_store *store, const struct location_page *page,
                      location_visit *visit, void *context, struct error *error);
    bool (*scan)(struct catalogue_store *store, const struct catalogue_scan *scan,
                 catalogue_item_visit *visit, void *context, struct error *error);
    bool (*said)(struct catalogue_store *store, const struct catalogue_scan *scan,
                 outbox_visit *visit, void *context,
                 struct error *error); /* NULL: nobody could ask */
    bool (*sales_generation)(struct catalogue_store *store, uint64_t *generation,
                             struct error *error);
    bool (*hear_sales)(struct catalogue_store *store, struct sale_heard *sales, size_t n_sales,
                       struct error *error);
    bool (*unpublished)(struct catalogue_store *store, size_t limit, outbox_visit *visit,
                        void *context, struct error *error);
    bool (*mark)(struct catalogue_store *store, const struct outbox_message *const messages[],
                 size_t n_messages, struct error *error);
};

struct copy_store_ops {
    bool (*prepare)(struct copy_store *store, struct error *error);
    bool (*put_events)(struct copy_store *store, struct copy_event *events, size_t n_events,
                       struct error *error);
    bool (*put_locations)(struct copy_store *store, struct copy_location *locations,
                          size_t n_locations, struct error *error);
    bool (*event)(struct copy_store *store, const struct object_id *id, struct event_view *view,
                  struct ledger_head *head, struct error *error); /* head NULL: nobody asks */
    bool (*events)(struct copy_store *store, const struct event_page *page, event_visit *visit,
                   void *context, struct error *error);
    bool (*scan)(struct copy_store *store, const struct catalogue_scan *scan,
                 catalogue_item_visit *visit, void *context, struct error *error);
    bool (*generation)(struct copy_store *store, uint64_t *generation, struct error *error);
};

struct copy_draft_ops {
    bool (*keep)(struct copy_draft *draft, int64_t *n_kept, struct error *error);
    bool (*install)(struct copy_draft *draft, const char *log, int64_t offset, struct error *error);
    void (*free)(struct copy_draft *draft);
};

struct ledger_store_ops {
    bool (*prepare)(struct ledger_store *store, struct error *error);
    bool (*heads)(struct ledger_store *store, const struct object_id *event_ids,
                  const int64_t *n_known, size_t n_events, struct ledger_head *heads,
                  struct error *error);
    bool (*look_up)(struct ledger_store *store, struct ledger_look_up *look_up,
                    struct error *error);
    bool (*tokens)(struct ledger_store *store, const struct ledger_key *keys, size_t n_keys,
                   struct object_id *tokens, struct error *error);
    void (*insert)(struct ledger_store *store, const struct ledger_entry *const entries[],
                   size_t n_entries, enum ledger_outcome *outcomes);
    bool (*booking)(struct ledger_store *store, const struct object_id *id, struct booking *booking,
                    struct error *error);
    bool (*head)(struct ledger_store *store, const struct object_id *event_id,
                 struct ledger_head *head, struct error *error);
    bool (*heads_shown)(struct ledger_store *store, const struct object_id *event_ids,
                        size_t n_events, struct ledger_head *heads, struct error *error);
    bool (*bookings)(struct ledger_store *store, const struct booking_page *page,
                     booking_visit *visit, void *context, struct error *error);
    bool (*bookings_of)(struct ledger_store *store, const struct object_id *user_id,
                        const struct booking_page *page, booking_visit *visit, void *context,
                        struct error *error);
    bool (*bookings_between)(struct ledger_store *store, const struct booking_range *range,
                             struct booking *bookings, size_t n_max, size_t *n_bookings,
                             struct error *error);
    bool (*scan)(struct ledger_store *store, const struct ledger_scan *scan,
                 ledger_sum_visit *visit, void *context, struct error *error);
    bool (*entries)(struct ledger_store *store, const struct ledger_scan *scan, ledger_visit *visit,
                    void *context, struct error *error);
    bool (*unpublished)(struct ledger_store *store, size_t limit, ledger_visit *visit,
                        void *context, struct error *error);
    bool (*mark)(struct ledger_store *store, const struct ledger_key *keys, size_t n_keys,
                 struct error *error);
};

struct user_store_ops {
    bool (*prepare)(struct user_store *store, struct error *error);
    bool (*insert)(struct user_store *store, const struct user *user, bool *existed,
                   struct error *error);
    bool (*user)(struct user_store *store, const struct object_id *id, struct user *user,
                 struct error *error);
    bool (*users)(struct user_store *store, const struct user_page *page, user_visit *visit,
                  void *context, struct error *error);
};

struct attempt_store_ops {
    bool (*note)(struct attempt_store *store, const char *name, const struct object_id *by,
                 int *n_noted, struct error *error);
    bool (*forget)(struct attempt_store *store, const char *name, struct error *error);
};

struct search_store_ops {
    bool (*prepare)(struct search_store *store, struct error *error);
    bool (*put)(struct search_store *store, const struct search_entry *entries, size_t n_entries,
                struct error *error);
    bool (*find)(struct search_store *store, const struct search_page *page,
                 struct search_hit *hits, size_t *n_hits, struct error *error);
    bool (*events)(struct search_store *store, const struct object_id *ids, size_t n_ids,
                   event_visit *visit, void *context, struct error *error);
};

struct database_ops {
    bool (*ping)(struct database *database, struct error *error);
    bool (*load_number)(struct database *database, const char *name, int64_t *value,
                        struct error *error);
    bool (*store_number)(struct database *database, const char *name, int64_t value,
                         struct error *error);
    bool (*open_draft)(struct database *database, struct copy_draft **draft,
                       struct error *error); /* NULL: there are none */
    void (*free)(struct database *database);
};

struct catalogue_store {
    const struct catalogue_store_ops *ops;
};
struct copy_store {
    const struct copy_store_ops *ops;
};
struct copy_draft {
    const struct copy_draft_ops *ops;
    struct copy_store *store;
};
struct ledger_store {
    const struct ledger_store_ops *ops;
};
struct user_store {
    const struct user_store_ops *ops;
};
struct attempt_store {
    const struct attempt_store_ops *ops;
};
struct search_store {
    const struct search_store_ops *ops;
};
struct database {
    const struct database_ops *ops;
    struct catalogue_store *catalogue;
    struct copy_store *copy;
    struct ledger_store *ledger;
    struct user_store *user;
    struct attempt_store *attempt;
    struct search_store *search;
};

struct persistence_backend {
    const char *name;
    bool (*open)(const struct database_options *options, struct database **database,
                 struct error *error);
};

extern const struct persistence_backend persistence_mongo;
extern const struct persistence_backend persistence_memory;

#endif
