// Never ends; shows that the tests end what does not.
console.log("waiting");
setInterval(() => {}, 1000);
