// nodemailer's smtp-server on loopback: one line of JSON on stdin (ports, certificate, key, user,
// password), three servers until its end.
'use strict';
const fs = require('node:fs');
const { SMTPServer } = require('smtp-server');

const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const known = {
  key: fs.readFileSync(given.key),
  cert: fs.readFileSync(given.certificate),
  authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'],
  size: 100000,
  onAuth(auth, session, callback) {
    const right =
      auth.method === 'CRAM-MD5'
        ? auth.username === given.user && auth.validatePassword(given.password)
        : auth.method === 'XOAUTH2'
          ? auth.username === given.user && auth.accessToken === given.token
          : auth.username === given.user && auth.password === given.password;
    if (right) return callback(null, { user: given.user });
    if (auth.method === 'XOAUTH2')
      return callback(null, { data: { status: '401', schemes: 'bearer', scope: 'mail.send' } });
    return callback(new Error('Invalid username or password'));
  },
  onRcptTo(address, session, callback) {
    if (address.address.startsWith('nobody@')) {
      const error = new Error('No such user here');
      error.responseCode = 550;
      return callback(error);
    }
    return callback();
  },
  onData(stream, session, callback) {
    stream.resume();
    stream.on('end', () => callback());
  },
};
for (const [port, options] of [
  [given.starttls_port, {}],
  [given.implicit_port, { secure: true }],
  [given.plain_port, { disabledCommands: ['STARTTLS'], authOptional: true, allowInsecureAuth: true }],
]) {
  const server = new SMTPServer({ ...known, ...options });
  server.on('error', () => {}); // of a client that breaks off
  server.listen(port, '127.0.0.1');
}
