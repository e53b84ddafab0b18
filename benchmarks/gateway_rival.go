// Centrifuge, the Go library under Centrifugo, as its documentation would write it.
//
//	gateway_rival STORE_SOCKET PORT
//
// Events come from PUBLISH bench:<room> and are handed over in the process that holds the sockets, which is in its favour:
// it is not given its Redis broker. A connection names its room in its path: /?room=<room>. The library is Debian's:
// apt-get install golang-go golang-github-centrifugal-centrifuge-dev
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/centrifugal/centrifuge"
	"github.com/gomodule/redigo/redis"
)

type room struct{}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func listen(store string, node *centrifuge.Node) {
	connection, err := redis.Dial("unix", store)
	must(err)
	events := redis.PubSubConn{Conn: connection}
	must(events.PSubscribe("bench:*"))
	for {
		switch message := events.Receive().(type) {
		case redis.Message:
			_, err := node.Publish(strings.TrimPrefix(message.Channel, "bench:"), message.Data)
			must(err)
		case error:
			must(message)
		}
	}
}

func main() {
	node, err := centrifuge.New(centrifuge.DefaultConfig)
	must(err)
	node.OnConnecting(func(ctx context.Context, _ centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		channel := ctx.Value(room{}).(string)
		return centrifuge.ConnectReply{
			Subscriptions: map[string]centrifuge.SubscribeOptions{channel: {}},
		}, nil
	})
	must(node.Run())
	go listen(os.Args[1], node)
	sockets := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		ctx := centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{UserID: "ann"})
		ctx = context.WithValue(ctx, room{}, r.URL.Query().Get("room"))
		sockets.ServeHTTP(w, r.WithContext(ctx))
	})
	fmt.Println("ready", os.Args[2])
	must(http.ListenAndServe("127.0.0.1:"+os.Args[2], nil))
}
