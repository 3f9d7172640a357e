package io.glucogrid.grid;

import java.time.Duration;

/**
 * How much one client may ask of the feature API at once.
 *
 * @param bodyBytes size of a request body
 * @param headerBytes size of a request's line and headers
 * @param entities entities of one read, and events of one push
 * @param nesting depth of lists and objects in a JSON body
 * @param waiting requests that wait for other nodes or for files; one more is told to try again
 * @param readDeadline longest that the headers, and again the body, of a request may take to arrive
 */
public record RequestLimits(
        int bodyBytes, int headerBytes, int entities, int nesting, int waiting, Duration readDeadline) {}
