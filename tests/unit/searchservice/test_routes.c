#include "searchservice/search_service.h"
#include "tests/support/described_routes.h"

#include <criterion/criterion.h>

Test(routes, are_those_of_the_description)
{
    described_routes_check(&search_service_routes, &search_service_documents);
}
