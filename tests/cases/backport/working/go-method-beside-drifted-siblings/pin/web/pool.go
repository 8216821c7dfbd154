package web

func (p *Pool) Get() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take()
}

func (p *Pool) Len() int {
	return len(p.free)
}
