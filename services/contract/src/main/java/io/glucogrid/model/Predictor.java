package io.glucogrid.model;

import java.util.List;

/** Models as this node holds them. Thread-safe; {@link #model} costs no cache read. */
public interface Predictor {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = "predictor";

    /**
     * A model by {@code name} (its active version) or {@code name@version}.
     *
     * @throws io.glucogrid.grid.GridException NOT_FOUND, or NOT_READY for a name while a starting grid has not yet read from
     *     the tier which versions are active
     */
    LinearModel model(String ref);

    /** All versions of all models, by name and version. */
    List<LinearModel> models();

    /** Makes {@code name@version} the active version of its name on every node. */
    LinearModel activate(String ref);
}
