package io.glucogrid.ml;

import java.util.ArrayList;
import java.util.List;
import org.apache.ignite.Ignite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes versions with all that the grid keeps of them: documents, subjects' own coefficients, figures. */
final class ModelRemoval {
    /** How many of the newest versions of a name stay when another is stored. */
    static final int KEPT = 10;

    private static final Logger LOG = LoggerFactory.getLogger(ModelRemoval.class);

    private final ModelRegistry registry;
    private final PersonalModels personal;
    private final ServerCalls servers;

    ModelRemoval(Ignite ignite, ModelRegistry registry, PersonalModels personal) {
        this.registry = registry;
        this.personal = personal;
        this.servers = new ServerCalls(ignite);
    }

    /** See {@link ModelRegistry#remove}. */
    StoredModel remove(String id, Deadline deadline) {
        return registry.remove(id, model -> release(model, deadline), deadline);
    }

    private void release(StoredModel model, Deadline deadline) {
        ForecastVersion forecaster = model.forecaster();
        if (forecaster != null) {
            personal.destroy(forecaster);
            servers.onEveryServer(new DropFigures(model.id()), "dropping the figures of a model", deadline);
        }
    }

    /** Removes what {@link ModelRegistry#superfluous} names; answers what it was. */
    List<StoredModel> retain(String name, int newest, Deadline deadline) {
        List<StoredModel> removed = new ArrayList<>();
        for (StoredModel model : registry.superfluous(name, newest)) {
            removed.add(remove(model.id(), deadline));
        }
        return removed;
    }

    /** The usual retention after a version was stored; that it fails is no reason for what was stored to fail. */
    void tidy(String name, Deadline deadline) {
        try {
            retain(name, KEPT, deadline);
        } catch (RuntimeException failure) {
            LOG.warn("old versions stay model={} reason=\"{}\"", name, failure.getMessage());
        }
    }
}
