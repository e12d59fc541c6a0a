"use strict";

window.addEventListener("DOMContentLoaded", () => {
    window.SwaggerUIBundle({url: "openapi.json", dom_id: "#description", deepLinking: true, validatorUrl: null});
});
