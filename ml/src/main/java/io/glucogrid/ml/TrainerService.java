package io.glucogrid.ml;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.grid.LocalService;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import io.glucogrid.model.Trainer;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.ignite.Ignite;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.services.Service;

/**
 * Training as an Ignite service named {@link Trainer#NAME} of every server node; one training runs in the grid at a time, a
 * second one fails with CONFLICT.
 */
public final class TrainerService implements Service, Trainer {
    private static final long serialVersionUID = 1L;

    @IgniteInstanceResource
    private transient Ignite ignite;

    private transient volatile boolean stopping;

    @Override
    public void cancel() {
        stopping = true;
    }

    @Override
    public LinearModel train(String name, Duration deadline) {
        PredictorService predictor = new LocalService<>(ignite, Predictor.NAME, PredictorService.class).get();
        try {
            return new Training(ignite, predictor.registry(), InstantSource.system())
                    .train(name, Deadline.in(deadline));
        } catch (RuntimeException failure) {
            if (stopping) {
                throw new GridException(ErrorCode.NOT_READY, "this node is stopping", failure);
            }
            throw failure;
        }
    }
}
