package web

func (p *Pool) Get() *Conn {
	return p.take()
}

// Drop closes a connection.
func (p *Pool) Drop(c *Conn) {
	c.Close()
}

func (p *Pool) Put(c *Conn) {
	p.give(c)
}
