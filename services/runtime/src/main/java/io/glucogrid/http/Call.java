package io.glucogrid.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as an endpoint sees it.
 *
 * @param parameters values of the path's {@code {placeholders}}
 */
record Call(byte[] body, @Nullable String contentType, Map<String, String> parameters) {}
