#include "documents.h"

#include "world.h"

#include <criterion/criterion.h>
#include <mongoc/mongoc.h>

void change_documents(const char *collection, const char *filter, const char *update)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_collection_t *handle =
        mongoc_client_get_collection(client, world.options.name, collection);
    bson_t *selector = bson_new_from_json((const uint8_t *)filter, -1, NULL);
    bson_t *document = bson_new_from_json((const uint8_t *)update, -1, NULL);
    bson_error_t error;

    cr_assert(mongoc_collection_update_many(handle, selector, document, NULL, NULL, &error), "%s",
              error.message);
    bson_destroy(document);
    bson_destroy(selector);
    mongoc_collection_destroy(handle);
    mongoc_client_destroy(client);
}

void insert_document(const char *collection, const char *json)
{
    mongoc_client_t *client = mongoc_client_new(world.options.url);
    mongoc_collection_t *handle =
        mongoc_client_get_collection(client, world.options.name, collection);
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, NULL);
    bson_error_t error;

    cr_assert(mongoc_collection_insert_one(handle, document, NULL, NULL, &error), "%s",
              error.message);
    bson_destroy(document);
    mongoc_collection_destroy(handle);
    mongoc_client_destroy(client);
}
