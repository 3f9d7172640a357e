package io.glucogrid.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * A successful answer of the feature API.
 *
 * @param headers by lower-case name; some operations put counts there
 */
public record ApiAnswer(int status, JsonNode body, Map<String, List<String>> headers) {}
