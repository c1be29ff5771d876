package shop.user;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Xnio;
import org.xnio.XnioWorker;

/** HTTP as every service of the shop speaks it: health, errors, request ids, logs and a graceful end. */
final class Server {
    static final class Reply {
        final int status;
        final Object body;

        Reply(int status, Object body) {
            this.status = status;
            this.body = body;
        }
    }

    interface Endpoint {
        Reply reply(HttpServerExchange exchange) throws Exception;
    }

    private static final HttpString REPLICA = new HttpString("X-Replica");
    private static final HttpString REQUEST_ID = new HttpString("X-Request-Id");
    private static final Pattern REQUEST_ID_FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LONGEST_REQUEST_SECONDS = 5;

    private final Settings settings;
    private final BooleanSupplier reachable;
    private final Path maintenance;
    private final String replica;
    private final RoutingHandler routes = new RoutingHandler();
    private final AtomicInteger inFlight = new AtomicInteger();
    // Threads of their own: busy requests must not make a healthy replica look ill.
    private final ExecutorService health = Executors.newCachedThreadPool();
    private final ExecutorService slow = Executors.newFixedThreadPool(2);
    private volatile boolean draining;
    private XnioWorker worker;
    private Undertow undertow;

    /** While the file {@code maintenance} exists, this replica asks for no traffic. */
    Server(Settings settings, BooleanSupplier reachable, Path maintenance) {
        this.settings = settings;
        this.reachable = reachable;
        this.maintenance = maintenance;
        this.replica = hostname();
        var notFound = blocking(exchange -> {
            throw ApiError.notFound("There is nothing here.");
        });
        routes.setFallbackHandler(notFound);
        routes.setInvalidMethodHandler(blocking(exchange -> {
            throw new ApiError(405, "method_not_allowed", "This address does not know that method.", null);
        }));
    }

    Server route(HttpString method, String path, Endpoint endpoint) {
        routes.add(method, path, blocking(endpoint));
        return this;
    }

    /** For work that keeps a processor busy for long: many at once wait for each other, not everybody for them. */
    Server slowRoute(HttpString method, String path, Endpoint endpoint) {
        routes.add(method, path, on(slow, endpoint));
        return this;
    }

    void start() throws IOException {
        // A worker of our own, because the built-in one is torn down together with the listener.
        worker = Xnio.getInstance().createWorker(OptionMap.builder()
                .set(Options.WORKER_IO_THREADS, 2)
                .set(Options.WORKER_TASK_CORE_THREADS, 16)
                .set(Options.WORKER_TASK_MAX_THREADS, 16)
                .set(Options.TCP_NODELAY, true)
                .getMap());
        undertow = Undertow.builder()
                .setWorker(worker)
                .setSocketOption(Options.BACKLOG, 1024)
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, 64L * 1024)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 10_000)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 75_000)
                .addHttpListener(settings.port, "0.0.0.0", this::handle)
                .build();
        undertow.start();
    }

    int port() {
        return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
    }

    /** Tells the load balancer, goes on serving while it reacts, then finishes what is in flight. */
    void stop() throws InterruptedException {
        draining = true;
        Log.info("draining");
        TimeUnit.SECONDS.sleep(settings.drainSeconds);
        undertow.stop();
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_REQUEST_SECONDS);
        while (inFlight.get() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        // The last answers may still be on their way to the sockets.
        TimeUnit.MILLISECONDS.sleep(50);
        worker.shutdownNow();
        health.shutdownNow();
        slow.shutdownNow();
        Log.info("stopped");
    }

    private void handle(HttpServerExchange exchange) throws Exception {
        var headers = exchange.getResponseHeaders();
        headers.put(REPLICA, replica);
        headers.put(Headers.CACHE_CONTROL, "no-store");
        if (draining) {
            exchange.setPersistent(false);
        }
        switch (exchange.getRequestPath()) {
            case "/healthz":
                send(exchange, 200, Json.object().put("status", "alive"));
                break;
            case "/readyz":
                exchange.dispatch(health, this::ready);
                break;
            case "/version":
                send(exchange, 200, version());
                break;
            default:
                serve(exchange);
        }
    }

    private void serve(HttpServerExchange exchange) throws Exception {
        var given = exchange.getRequestHeaders().getFirst(REQUEST_ID);
        var known = given != null && REQUEST_ID_FORM.matcher(given).matches();
        exchange.getResponseHeaders().put(REQUEST_ID, known ? given : UUID.randomUUID().toString());
        inFlight.incrementAndGet();
        var start = System.nanoTime();
        exchange.addExchangeCompleteListener((done, next) -> {
            inFlight.decrementAndGet();
            log(done, start);
            next.proceed();
        });
        routes.handleRequest(exchange);
    }

    private void ready(HttpServerExchange exchange) {
        var reason = draining ? "draining" : Files.exists(maintenance) ? "maintenance" : databaseProblem();
        if (reason == null) {
            send(exchange, 200, Json.object().put("status", "ready"));
        } else {
            send(exchange, 503, Json.object().put("status", "not ready").put("reason", reason));
        }
    }

    private String databaseProblem() {
        var probe = health.submit(reachable::getAsBoolean);
        try {
            return probe.get(1, TimeUnit.SECONDS) ? null : "database";
        } catch (ExecutionException | TimeoutException e) {
            probe.cancel(true);
            return "database";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "draining";
        }
    }

    static ObjectNode version() {
        return Json.object()
                .put("service", Main.SERVICE)
                .put("version", Main.VERSION)
                .put("runtime", "Java " + System.getProperty("java.version"));
    }

    private static HttpHandler blocking(Endpoint endpoint) {
        return on(null, endpoint);
    }

    /** Without an executor the server's own threads do the work. */
    private static HttpHandler on(Executor executor, Endpoint endpoint) {
        return exchange -> exchange.dispatch(executor, work -> {
            try {
                var reply = endpoint.reply(work);
                send(work, reply.status, reply.body);
            } catch (ApiError e) {
                send(work, e.status, errorBody(e.code, e.getMessage(), e.field));
            } catch (Exception e) {
                Log.error("request failed: " + requestId(work), e);
                send(work, 500, errorBody("internal", "Something went wrong on our side.", null));
            }
        });
    }

    private static ObjectNode errorBody(String code, String message, String field) {
        var error = Json.object().put("code", code).put("message", message);
        if (field != null) {
            error.put("field", field);
        }
        return Json.object().set("error", error);
    }

    private static void send(HttpServerExchange exchange, int status, Object body) {
        exchange.setStatusCode(status);
        if (body == null) {
            exchange.endExchange();
            return;
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(Json.write(body));
    }

    private static String requestId(HttpServerExchange exchange) {
        return exchange.getResponseHeaders().getFirst(REQUEST_ID);
    }

    private static void log(HttpServerExchange exchange, long start) {
        var status = exchange.getStatusCode();
        Log.write(Log.line(status >= 500 ? "error" : "info", "request")
                .put("requestId", requestId(exchange))
                .put("method", exchange.getRequestMethod().toString())
                .put("path", exchange.getRequestPath())
                .put("status", status)
                .put("durationMs", (System.nanoTime() - start) / 10_000 / 100.0));
    }

    private static String hostname() {
        try {
            return Files.readString(Path.of("/etc/hostname")).strip();
        } catch (IOException e) {
            return System.getenv().getOrDefault("HOSTNAME", "unknown");
        }
    }
}
