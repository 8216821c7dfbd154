package web

func (p *Pool) Get() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take()
}

// Drop closes a connection.
func (p *Pool) Drop(c *Conn) {
	c.Close()
}

func (p *Pool) Len() int {
	return len(p.free)
}
