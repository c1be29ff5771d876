package shop.user;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.undertow.util.Methods;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServerTest {
    @TempDir
    private Path folder;

    private final AtomicBoolean databaseUp = new AtomicBoolean(true);
    private final CountDownLatch slowBegan = new CountDownLatch(1);
    private final CountDownLatch slowMayEnd = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();
    private Server server;
    private int port;
    private boolean stopped;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(folder.resolve("database-password"), "x");
        Files.writeString(folder.resolve("token-key"), "0123456789abcdef0123456789abcdef");
        var settings = Settings.read(Map.of(
                "PORT", "0", "DRAIN_SECONDS", "1", "DATABASE_HOST", "none", "SECRETS_DIR", folder.toString()));
        server = new Server(settings, databaseUp::get, folder.resolve("maintenance"))
                .route(Methods.POST, "/echo", exchange -> new Server.Reply(201, Json.body(exchange)))
                .route(Methods.GET, "/broken", exchange -> {
                    throw new IllegalStateException("a detail that stays inside");
                })
                .slowRoute(Methods.GET, "/slow", exchange -> {
                    slowBegan.countDown();
                    slowMayEnd.await();
                    return new Server.Reply(200, Json.object());
                });
        server.start();
        port = server.port();
    }

    @AfterEach
    void stop() throws InterruptedException {
        slowMayEnd.countDown();
        if (!stopped) {
            server.stop();
        }
    }

    @Test
    void isAliveWithoutADatabaseButNotReady() throws Exception {
        databaseUp.set(false);
        assertEquals(200, get("/healthz").statusCode());
        assertEquals(503, get("/readyz").statusCode());
        databaseUp.set(true);
        assertEquals(200, get("/readyz").statusCode());
    }

    @Test
    void isNotReadyWhileTheMaintenanceFileExists() throws Exception {
        var file = Files.createFile(folder.resolve("maintenance"));
        assertEquals("maintenance", json(get("/readyz")).path("reason").asText());
        Files.delete(file);
        assertEquals(200, get("/readyz").statusCode());
    }

    @Test
    void tellsItsVersionAndItsRealRuntime() throws Exception {
        var version = json(get("/version"));
        assertEquals(Main.SERVICE, version.path("service").asText());
        assertEquals("Java " + System.getProperty("java.version"), version.path("runtime").asText());
    }

    @Test
    void namesTheReplicaAndPassesTheRequestIdOn() throws Exception {
        assertTrue(get("/healthz").headers().firstValue("X-Replica").isPresent());
        var known = send(request("/nothing").header("X-Request-Id", "abc-1"));
        assertEquals("abc-1", known.headers().firstValue("X-Request-Id").orElseThrow());
        var odd = send(request("/nothing").header("X-Request-Id", "\"}{"));
        assertEquals(36, odd.headers().firstValue("X-Request-Id").orElseThrow().length());
    }

    @Test
    void answersErrorsAsJsonWithoutInternalDetails() throws Exception {
        assertEquals("not_found", errorCode(get("/nothing"), 404));
        assertEquals("method_not_allowed", errorCode(get("/echo"), 405));
        assertEquals("invalid_json", errorCode(post("/echo", "{"), 400));
        assertEquals("invalid_json", errorCode(post("/echo", "[]"), 400));
        assertEquals("too_large", errorCode(post("/echo", "{\"a\":\"" + "x".repeat(70_000) + "\"}"), 413));
        var broken = get("/broken");
        assertEquals("internal", errorCode(broken, 500));
        assertFalse(broken.body().contains("detail"));
    }

    @Test
    void servesOthersWhileSlowWorkQueues() throws Exception {
        for (var i = 0; i < 40; i++) {
            client.sendAsync(request("/slow").build(), HttpResponse.BodyHandlers.discarding());
        }
        assertTrue(slowBegan.await(5, TimeUnit.SECONDS));
        assertEquals(404, send(request("/nothing").timeout(Duration.ofSeconds(2))).statusCode());
    }

    @Test
    void stopsAfterDrainingAndFinishesWhatIsInFlight() throws Exception {
        var slow = client.sendAsync(request("/slow").build(), HttpResponse.BodyHandlers.ofString());
        assertTrue(slowBegan.await(5, TimeUnit.SECONDS));
        stopped = true;
        var stopping = CompletableFuture.runAsync(() -> {
            try {
                server.stop();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        while (get("/readyz").statusCode() != 503) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertEquals(404, get("/nothing").statusCode(), "requests are served while the load balancer reacts");
        TimeUnit.MILLISECONDS.sleep(1_300);
        assertThrows(ConnectException.class, () -> get("/healthz"), "no new connection after the drain");
        assertFalse(stopping.isDone(), "the request in flight is awaited");
        slowMayEnd.countDown();
        assertEquals(200, slow.get(5, TimeUnit.SECONDS).statusCode());
        stopping.get(5, TimeUnit.SECONDS);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return Json.MAPPER.readTree(answer.body());
    }

    private static String errorCode(HttpResponse<String> answer, int status) throws Exception {
        assertEquals(status, answer.statusCode());
        return json(answer).path("error").path("code").asText();
    }
}
