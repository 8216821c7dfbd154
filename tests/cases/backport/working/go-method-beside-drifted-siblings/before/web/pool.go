package web

func (p *Pool) Get() *Conn {
	return p.take()
}

func (p *Pool) Put(c *Conn) {
	p.give(c)
}
