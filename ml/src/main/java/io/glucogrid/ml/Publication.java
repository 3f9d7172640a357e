package io.glucogrid.ml;

import java.time.Duration;
import org.apache.ignite.Ignite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a fitted forecaster where it is served from: stored as its name's next version, then its subjects' own coefficients, and
 * only then active, where it is the first of its name. Versions that nothing needs any more go.
 */
final class Publication {
    private static final Duration CLEAN_UP = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

    private final ModelRegistry registry;
    private final PersonalModels personal;
    private final ModelRemoval removal;
    private final TrainingRun run;

    Publication(Ignite ignite, ModelRegistry registry, PersonalModels personal) {
        this.registry = registry;
        this.personal = personal;
        this.removal = new ModelRemoval(ignite, registry, personal);
        this.run = new TrainingRun(ignite);
    }

    /** @param fromSums whether subjects' own coefficients come from the sums in their states instead of the tier */
    ForecastVersion publish(ForecastVersion fitted, boolean fromSums, Deadline deadline) {
        ForecastVersion stored = registry.storeNext(fitted, deadline);
        try {
            run.whileNodesStay(stored.id(), deadline, () -> {
                personal.complete(stored, fromSums, deadline);
                return stored;
            });
        } catch (RuntimeException failure) {
            discard(stored);
            throw failure;
        }
        StoredModel model = StoredModel.of(stored);
        registry.activateFirst(model, deadline);
        if (registry.isActive(model)) { // and may have been opened again before it was
            personal.complete(stored, fromSums, deadline);
        }
        removal.tidy(stored.name(), deadline);
        return stored;
    }

    /** A version without its subjects' coefficients is none. */
    private void discard(ForecastVersion stored) {
        try {
            removal.remove(stored.id(), Deadline.in(CLEAN_UP));
        } catch (RuntimeException failure) {
            LOG.warn("an incomplete version stays inactive model={}", stored.id(), failure);
        }
    }
}
