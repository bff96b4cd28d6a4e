<?php
// A site of one page, behind PHP's own web server.

header('Content-Type: text/plain');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/status') {
    echo json_encode(['language' => 'php', 'version' => PHP_VERSION]), "\n";
} else {
    echo "hello from PHP, you asked for $path\n";
}
