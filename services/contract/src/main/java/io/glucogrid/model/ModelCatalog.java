package io.glucogrid.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Models of every kind as values: immutable versions, of which one per name is active and one at most is the shadow. */
public interface ModelCatalog {
    /** Name of the Ignite service that implements this on every server node. */
    String NAME = Forecasts.NAME;

    /** All versions of all models, by name and version. */
    List<ModelInfo> all();

    /**
     * Fits a forecaster over the whole grid and stores it as the next version of its kind's name. The first version of a name
     * is active at once, a later one when it is activated.
     *
     * @throws io.glucogrid.grid.GridException as {@link Trainer#train}
     */
    ModelInfo train(ForecastTraining training, Duration deadline);

    /**
     * Makes {@code name@version} the active version of its name on every node. Where its subjects' own coefficients are not
     * there, as after a cold start, this reads the tier, and takes as long as a part of a training does; so do {@link #rollback},
     * {@link #shadow} and {@link #imported}.
     */
    ModelInfo activateVersion(String ref, Duration deadline);

    /**
     * Makes the version active that was so before the present one; another rollback goes further back.
     *
     * @throws io.glucogrid.grid.GridException NOT_FOUND where there was none
     */
    ModelInfo rollback(String name, Duration deadline);

    /** Scores a forecaster beside the active one from now on; null ends it. */
    @Nullable
    ModelInfo shadow(@Nullable String ref, Duration deadline);

    /** A model as a JSON document, coefficients and all. */
    String exported(String ref);

    /**
     * Stores an exported model as the next version of its name, active only where it is the first. Subjects' own coefficients,
     * which a document does not carry, are fitted to the readings that this grid has now.
     *
     * @throws io.glucogrid.grid.GridException INVALID_REQUEST where the text is not one, or its name not that of its kind
     */
    ModelInfo imported(String json, Duration deadline);

    /**
     * Removes {@code name@version} for good, with subjects' own coefficients and its figures; the number is not given again.
     *
     * @throws io.glucogrid.grid.GridException NOT_FOUND, CONFLICT where it is active, the shadow, or shipped with the node
     */
    ModelInfo remove(String ref);

    /**
     * Removes old versions of a name: all but so many of the newest, the active one, the one that a rollback would go to, the
     * shadow, and what is shipped. Storing a version does the same with ten.
     *
     * @return what was removed
     */
    List<ModelInfo> retain(String name, int newest);
}
