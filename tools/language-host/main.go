// A Node.js language host for the Pulumi CLI, over the same protocol as the official one, which is not published as a Go
// module. It starts programs, policy packs and plugins with the runners of the npm package @pulumi/pulumi.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// Version is that of the CLI this host is made for; set by the linker.
var Version = "0.0.0-dev"

// The engine's own limit; a large state passes through in one message.
const maxMessage = 400 << 20

func main() {
	if err := serve(engineAddress(os.Args[1:])); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-nodejs:", err)
		os.Exit(1)
	}
}

// The engine gives its address as the first argument that is no flag; the flags (tracing, logging) are not used here.
func engineAddress(args []string) string {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			return arg
		}
	}
	return ""
}

func serve(engine string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
	pulumirpc.RegisterLanguageRuntimeServer(server, &host{engine: engine})
	go stopWithParent(server)
	// The port on the first line of the output is how the engine finds us.
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	return server.Serve(listener)
}

// An engine that is killed cannot stop its plugins: without this the host would live on for ever.
func stopWithParent(server *grpc.Server) {
	parent := os.Getppid()
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	server.Stop()
}
