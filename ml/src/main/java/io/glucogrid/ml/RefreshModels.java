package io.glucogrid.ml;

import io.glucogrid.grid.LocalService;
import io.glucogrid.model.Predictor;
import org.apache.ignite.Ignite;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.resources.IgniteInstanceResource;

/**
 * Job on every server node: takes a new snapshot of the models. Answers whether the node has a predictor yet; one that starts
 * later takes its own.
 */
final class RefreshModels implements IgniteCallable<Boolean> {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    @Override
    public Boolean call() {
        LocalService<PredictorService> predictor = new LocalService<>(ignite, Predictor.NAME, PredictorService.class);
        if (!predictor.isReady()) {
            return false;
        }
        predictor.get().refresh();
        return true;
    }
}
