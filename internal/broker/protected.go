package broker

import (
	"strings"
	"sync"
)

// commandLevel is the level below a device's topic that is everybody's.
const commandLevel = "/set"

// protected are the client IDs and topics of the gateway's own sessions.
type protected struct {
	mu     sync.RWMutex
	ids    map[string]struct{}
	topics map[string]struct{}
}

func (p *protected) set(clientIDs map[string]string) {
	ids, topics := map[string]struct{}{}, map[string]struct{}{}
	for topic, id := range clientIDs {
		ids[id], topics[topic] = struct{}{}, struct{}{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids, p.topics = ids, topics
}

func (p *protected) id(id string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, is := p.ids[id]
	return is
}

// mayPublish reports whether a guest may publish on a topic.
func (p *protected) mayPublish(topic string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for end := 0; end < len(topic); end++ {
		next := strings.IndexByte(topic[end:], '/')
		if next < 0 {
			next = len(topic) - end
		}
		end += next
		if _, is := p.topics[topic[:end]]; is {
			rest := topic[end:]
			return rest == commandLevel || strings.HasPrefix(rest, commandLevel+"/")
		}
	}
	return true
}
