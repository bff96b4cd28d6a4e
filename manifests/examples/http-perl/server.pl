# A web server on Perl's own sockets: one connection at a time.
use strict;
use warnings;
use IO::Socket::INET;

$| = 1;
my $port = $ENV{PORT} // 8080;
my $server = IO::Socket::INET->new(
    LocalAddr => '0.0.0.0', LocalPort => $port, Listen => 16, ReuseAddr => 1
) or die "cannot listen on port $port: $@\n";

$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = sub { print "stopped\n"; exit 0 };
print "listening on port $port\n";

while (my $connection = $server->accept) {
    my $request = <$connection> // '';
    while (my $line = <$connection>) {
        last if $line =~ /^\r?\n$/;
    }
    my ($status, $text) = ('400 Bad Request', "that is no request\n");
    if ($request =~ m{^GET (\S+) HTTP/1\.[01]\r?\n$}) {
        $status = '200 OK';
        $text = $1 eq '/status'
            ? sprintf(qq({"language":"perl","version":"%vd"}\n), $^V)
            : "hello from Perl, you asked for $1\n";
    }
    printf $connection "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
        . "Connection: close\r\n\r\n%s", $status, length $text, $text;
    close $connection;
}
