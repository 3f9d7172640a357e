package io.glucogrid.model;

import java.time.Duration;

/** Fits models where the data is. */
public interface Trainer {
    /** Name of the Ignite service that implements this. */
    String NAME = "trainer";

    /**
     * Fits the shape of model {@code name} on all readings of the offline tier and stores it as that name's next version,
     * inactive until activated.
     *
     * @throws io.glucogrid.grid.GridException DEADLINE_EXCEEDED, NOT_FOUND, INVALID_REQUEST where there is nothing to fit,
     *     TOO_LARGE where the examples do not fit into memory, CONFLICT while another training runs, NOT_READY where nodes
     *     leave meanwhile, INTERNAL where the fit does not equal its own check
     */
    LinearModel train(String name, Duration deadline);
}
