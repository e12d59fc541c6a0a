#include "persistence/mongo/mongo_catalogue.h"

#include "base/memory.h"
#include "persistence/id_index.h"
#include "persistence/mongo/mongo_documents.h"
#include "persistence/mongo/mongo_members.h"
#include "persistence/mongo/mongo_rise.h"

/* What was heard, at most the highest entry of each event. */
struct highest {
    struct sale_heard **sales; /* owned array, borrowed each */
    size_t n_sales;
    struct id_index places;
};

static void highest_clear(struct highest *highest)
{
    memory_free(highest->sales);
    id_index_clear(&highest->places);
}

static bool gather(struct sale_heard *sales, size_t n_sales, struct highest *highest,
                   struct error *error)
{
    size_t place;

    highest->sales = memory_array(n_sales, sizeof(struct sale_heard *), error);
    if (!highest->sales || !id_index_reserve(&highest->places, n_sales, error))
        return false;
    for (size_t i = 0; i < n_sales; i++) {
        sales[i].known = false;
        sales[i].changed = false;
        if (!id_index_find(&highest->places, &sales[i].event_id, &place)) {
            place = highest->n_sales++;
            highest->sales[place] = &sales[i];
            if (!id_index_put(&highest->places, &sales[i].event_id, place, error))
                return false;
        } else if (highest->sales[place]->entry < sales[i].entry) {
            highest->sales[place] = &sales[i];
        }
    }
    return true;
}

/* Which of the events the catalogue has. */
static bool find_known(const struct mongo_pool *pool, struct highest *highest, struct error *error)
{
    CLEANUP(memory_freep)
    struct object_id *ids = memory_array(highest->n_sales, sizeof(*ids), error);
    CLEANUP(bson_destroy) bson_t filter = BSON_INITIALIZER;
    CLEANUP(bson_destroyp) bson_t *options = mongo_json("{\"projection\": {\"_id\": 1}}");
    CLEANUP(mongo_cursor_close) struct mongo_cursor cursor = {0};
    const bson_t *document;
    struct object_id id;
    size_t place;

    if (!ids)
        return false;
    for (size_t i = 0; i < highest->n_sales; i++)
        ids[i] = highest->sales[i]->event_id;
    mongo_append_in(&filter, "_id", ids, highest->n_sales);
    if (!mongo_find(pool, MONGO_EVENTS, &filter, options, &cursor, error))
        return false;
    while (mongo_cursor_next(&cursor, &document)) {
        if (!mongo_document_id(document, &id, error))
            return false;
        if (id_index_find(&highest->places, &id, &place))
            highest->sales[place]->known = true;
    }
    return mongo_cursor_check(&cursor, error);
}

static void append_sale(bson_t *document, const struct sale_heard *sale)
{
    mongo_append_id(document, "_id", &sale->event_id);
    BSON_APPEND_INT64(document, "entry", sale->entry);
    BSON_APPEND_INT64(document, "sold", sale->seats_sold);
}

static bool write_known(const struct mongo_pool *pool, const struct highest *highest,
                        struct error *error)
{
    CLEANUP(mongo_rise_list_clear) struct mongo_rise_list list = {0};
    size_t n = 0;

    if (!mongo_rise_list_make(&list, MONGO_SALES, "entry", highest->n_sales, error))
        return false;
    for (size_t i = 0; i < highest->n_sales; i++) {
        const struct sale_heard *sale = highest->sales[i];

        if (!sale->known)
            continue;
        list.rises[n].id = sale->event_id;
        list.rises[n].number = sale->entry;
        list.rises[n].document = bson_new();
        append_sale(list.rises[n].document, sale);
        n++;
    }
    list.n_rises = n;
    if (!mongo_rise(pool, &list, error))
        return false;
    n = 0;
    for (size_t i = 0; i < highest->n_sales; i++) {
        if (highest->sales[i]->known)
            highest->sales[i]->changed = list.rises[n++].changed;
    }
    return true;
}

bool mongo_catalogue_hear_sales(struct catalogue_store *store, struct sale_heard *sales,
                                size_t n_sales, struct error *error)
{
    const struct mongo_pool *pool = mongo_catalogue_pool(store, MONGO_COMMITS);
    CLEANUP(highest_clear) struct highest highest = {0};
    size_t place;

    if (!gather(sales, n_sales, &highest, error) || !find_known(pool, &highest, error) ||
        !write_known(pool, &highest, error))
        return false;
    for (size_t i = 0; i < n_sales; i++) {
        if (id_index_find(&highest.places, &sales[i].event_id, &place))
            sales[i].known = highest.sales[place]->known;
    }
    return true;
}
