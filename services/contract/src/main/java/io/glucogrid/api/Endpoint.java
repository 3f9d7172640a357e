package io.glucogrid.api;

import java.net.URI;
import java.time.Duration;

/** The feature API of this node, as the node that starts and stops it sees it. */
public interface Endpoint {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = "feature-api";

    /** Where the API listens, with the port it really got. */
    URI address();

    /**
     * Answers not-ready from now on and takes no new work; returns when the requests in hand are answered or the deadline
     * has passed. Harmless when called twice.
     */
    void drain(Duration deadline);
}
