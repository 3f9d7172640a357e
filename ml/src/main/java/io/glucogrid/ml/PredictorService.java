package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import io.glucogrid.store.OfflineStore;
import java.time.Duration;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;
import org.jspecify.annotations.Nullable;

/** The models on this node, as an Ignite service named {@link Predictor#NAME} of every server node. */
public final class PredictorService implements Service, Predictor {
    private static final long serialVersionUID = 1L;
    private static final Duration ACTIVATION = Duration.ofSeconds(20);

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile @Nullable ModelRegistry registry;

    @Override
    public void init() {
        LocalService<OfflineStore> store = new LocalService<>(ignite, OfflineStore.NAME, OfflineStore.class);
        ModelRegistry started = new ModelRegistry(ignite, () -> store.get().meta(), ShippedModels.all());
        registry = started;
        started.start();
    }

    @Override
    public void cancel() {
        ModelRegistry started = registry;
        if (started != null) {
            started.close();
        }
    }

    @Override
    public LinearModel model(String ref) {
        return registry().model(ref);
    }

    @Override
    public List<LinearModel> models() {
        return registry().models();
    }

    @Override
    public LinearModel activate(String ref) {
        return registry()
                .activate(ref, StoredModel::requireLinear, Deadline.in(ACTIVATION))
                .requireLinear();
    }

    void refresh() {
        registry().refresh();
    }

    ModelRegistry registry() {
        ModelRegistry started = registry;
        if (started == null) {
            throw new GridException(ErrorCode.NOT_READY, "the predictor has not started on this node yet");
        }
        return started;
    }
}
