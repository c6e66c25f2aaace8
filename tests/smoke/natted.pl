#!/usr/bin/env perl
# A phone that registers a private Contact, as from behind a NAT, and answers OPTIONS.
#   natted.pl LOCAL-ADDRESS PORT PROXY-ADDRESS USER DOMAIN SECONDS [KEEPALIVE-SECONDS]
# Prints "registered", then "ping" or "crlf" for what comes; ends after SECONDS.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Time::HiRes 'time';

my ($local, $port, $proxy, $user, $domain, $seconds, $alive) = @ARGV;
my $sock = IO::Socket::INET->new(
	LocalAddr => $local, LocalPort => $port, PeerAddr => $proxy, PeerPort => 5060, Proto => 'udp')
	or die "socket: $!\n";
my $request = join("\r\n",
	"REGISTER sip:$domain SIP/2.0",
	"Via: SIP/2.0/UDP $local:$port;branch=z9hG4bK$user;rport",
	'Max-Forwards: 70',
	"From: <sip:$user\@$domain>;tag=1",
	"To: <sip:$user\@$domain>",
	"Call-ID: $user\@$local",
	'CSeq: 1 REGISTER',
	"Contact: <sip:$user\@10.9.9.9:5060>;expires=600",
	'Content-Length: 0', '', '');
$| = 1;
$sock->send($request);
my $select = IO::Select->new($sock);
my $end = time + $seconds;
my $next = $alive ? time + $alive : $end;
while (time < $end) {
	my $wait = ($next < $end ? $next : $end) - time;
	if ($select->can_read($wait > 0 ? $wait : 0)) {
		$sock->recv(my $m, 65535) // next;
		if ($m =~ m{^SIP/2.0 200 .*CSeq: 1 REGISTER}s) {
			print "registered\n";
		} elsif ($m =~ m{^OPTIONS sip:$user\@10\.9\.9\.9:5060 SIP/2\.0\r\n}) {
			print "ping\n";
			my ($copy) = join('', $m =~ m{^((?:Via|From|To|Call-ID|CSeq): .*\r\n)}mg);
			$sock->send("SIP/2.0 200 OK\r\n${copy}Content-Length: 0\r\n\r\n");
		} elsif ($m =~ m{^[\r\n]+$}) {
			print "crlf\n";
		} else {
			print "other: $m\n";
		}
	}
	if ($alive && time >= $next) {
		$sock->send("\r\n\r\n");
		$next = time + $alive;
	}
}
