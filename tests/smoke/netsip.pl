#!/usr/bin/perl
# A Net::SIP user agent of the smoke tests: a callee that echoes the RTP it gets, or a caller that
# sends RTP for a while, counts what comes back and hangs up. Prints one line of facts at the end.
#   netsip.pl callee ADDRESS [AOR REGISTRAR [USER:PASSWORD]]
#   netsip.pl caller ADDRESS PROXY TARGET-URI [USER:PASSWORD FROM-URI]
use strict;
use warnings;
use Net::SIP qw(:all);
use Socket;

$| = 1;
my ($role, $address, $proxy, $target, $credentials, $from) = @ARGV;
my @auth = $credentials ? (auth => [split(/:/, $credentials, 2)]) : ();
my %rtp = (sent => 0, got => 0, peers => {});
my $packets = 50;    # a second of RTP

# 160 bytes of PCMU silence every 20 ms
my $sender = sub {
	my ($seq) = @_;
	return if $rtp{sent} >= $packets;
	$rtp{sent}++;
	return chr(0xff) x 160;
};
my $receiver = sub { $rtp{got}++; return };

sub report {
	my ($ok) = @_;
	printf "%s sent=%d got=%d\n", $ok ? 'done' : 'failed', $rtp{sent}, $rtp{got};
	exit($ok ? 0 : 1);
}

if ($role eq 'callee') {
	my $ended = 0;
	my ($aor, $registrar) = ($proxy, $target);
	my $ua = Net::SIP::Simple->new(
		from    => $aor // "sip:callee\@$address",
		legs    => ["$address:5060"],
		$registrar ? (registrar => $registrar) : (),
		@auth,
	);
	if ($registrar && !$ua->register(expires => 300)) {
		print 'register: ', $ua->error // '?', "\n";
		report(0);
	}
	$ua->listen(
		init_media => $ua->rtp('media_recv_echo', $receiver),
		recv_bye   => \$ended,
	);
	print "ready\n";
	$ua->loop(60, \$ended);
	$ua->loop(1);    # the answer to the BYE still has to leave
	report($ended);
}

my $ua = Net::SIP::Simple->new(
	from           => $from // "sip:caller\@$address",
	legs           => ["$address:5060"],
	outgoing_proxy => $proxy,
	@auth,
);
my ($established, $sent, $ended);
my $call = $ua->invite($target,
	init_media => $ua->rtp('media_send_recv', $sender, 1, $receiver),
	cb_rtp_done => \$sent,
	cb_final => sub { $established = $_[0] },
) or do {
	print 'invite: ', $ua->error // '?', "\n";
	report(0);
};
$ua->loop(10, \$established);
if (!$established || $established ne 'OK') {
	print 'final: ', $established // 'none', "\n";
	report(0);
}
# until as much came back as was sent, bounded
my $enough;
my $timer = $ua->add_timer(0.1, sub { $enough = 1 if $rtp{got} >= $packets - 5 }, 0.1);
$ua->loop(10, \$enough);
$call->bye(cb_final => \$ended);
$ua->loop(5, \$ended);
report($enough && $ended);
