package io.glucogrid.node;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.model.LinearModel;
import io.glucogrid.model.Predictor;
import java.util.List;
import java.util.Map;
import org.apache.ignite.services.Service;

/** The predictor port with the reference's model. */
public final class ShippedModel implements Service, Predictor {
    private static final long serialVersionUID = 1L;

    private static LinearModel v1() {
        return new LinearModel(
                "v1",
                1,
                List.of("subject_id", "dayofweek", "hour"),
                103.44523644395339,
                new double[] {4.934799666590164e-10, -0.1968400147036082, 0.07580355186973892},
                0,
                0,
                Map.of());
    }

    @Override
    public LinearModel model(String ref) {
        if (!ref.equals("v1") && !ref.equals("v1@1")) {
            throw new GridException(ErrorCode.NOT_FOUND, "model '" + ref + "' does not exist");
        }
        return v1();
    }

    @Override
    public List<LinearModel> models() {
        return List.of(v1());
    }

    @Override
    public LinearModel activate(String ref) {
        return model(ref);
    }
}
